import { useApi } from '@backstage/core-plugin-api';
import { ButtonLink } from '@backstage/ui';
import type { Pipeline } from '@backstage-mlops/mlops-core';
import { useMemo } from 'react';
import { useNavigate } from 'react-router-dom';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { listAgainMs } from '../api/useLiveRuns';
import { useResource } from '../api/useResource';
import { useLinks, useQuery } from '../routing';
import { SyncOf, useSync } from '../sync/SyncOf';
import { useText } from '../translation';
import { shortCommit } from '../ui/figures';
import { Fetched } from '../ui/Fetched';
import { Columns, Inline, Page } from '../ui/Page';
import { Note, Panel } from '../ui/Panel';
import { To } from '../ui/To';
import { GraphView } from './GraphView';
import { LastRuns } from './LastRuns';
import { ParameterFacts } from './ParameterFacts';
import { PipelineFaults } from './PipelineFaults';
import { SourceView } from './SourceView';
import { StepList } from './StepList';
import { toStepTree, type Step } from './stepTree';
import { useView, ViewChoice } from './ViewChoice';

/** A pipeline as a commit has it, and how it went lately. */
export function PipelinePage(props: { project: string; name: string }) {
  const { project, name } = props;
  const api = useApi(mlopsApiRef);
  const t = useText();
  const [query] = useQuery();
  const ref = query.get('ref') ?? undefined;
  const pipeline = useResource({
    key: `pipeline ${project} ${name} ${ref}`,
    load: () => api.getPipeline(project, name, ref),
    // A commit never changes; the newest one does.
    againMs: () => (ref ? undefined : listAgainMs),
  });
  return (
    <Fetched isPage of={pipeline} what={t('what.pipeline')}>
      {value => <Shown pipeline={value} pinned={ref} />}
    </Fetched>
  );
}

function Shown(props: { pipeline: Pipeline; pinned?: string }) {
  const { pipeline, pinned } = props;
  const { project, name } = pipeline;
  const t = useText();
  const links = useLinks();
  const [query] = useQuery();
  const sync = useSync(project);
  const at = (line?: number) =>
    links.pipeline(project, name, { ref: pinned, line });
  const source = {
    file: pipeline.file,
    commit: shortCommit(pipeline.commit),
  };
  return (
    <Page
      title={pipeline.title ?? name}
      description={pipeline.description}
      crumbs={[
        { label: t('title'), href: links.home() },
        { label: project, href: links.project(project) },
      ]}
      actions={
        <Inline>
          {!pinned && <SyncOf items={sync} kind="pipeline" name={name} />}
          {!pinned && (
            <ButtonLink
              href={links.newChange(project, name)}
              variant="secondary"
            >
              {t('pipeline.change')}
            </ButtonLink>
          )}
          <ButtonLink
            href={links.startRun(project, name, { ref: pinned })}
            variant="primary"
          >
            {t('pipeline.run')}
          </ButtonLink>
        </Inline>
      }
    >
      {pinned && (
        <Inline>
          <Note>
            {t('pipeline.pinned', { commit: shortCommit(pipeline.commit) })}
          </Note>
          <To href={links.pipeline(project, name)}>{t('pipeline.newest')}</To>
        </Inline>
      )}
      <PipelineFaults problems={pipeline.problems} linkTo={at} />
      <Columns
        main={
          <>
            <PlannedSteps pipeline={pipeline} linkTo={at} />
            <Panel title={t('pipeline.source', source)}>
              <SourceView
                text={pipeline.source}
                line={Number(query.get('line')) || undefined}
                linkTo={at}
              />
            </Panel>
          </>
        }
        side={
          <>
            <Panel title={t('pipeline.lastRuns')}>
              <LastRuns project={project} pipeline={name} />
            </Panel>
            <Panel title={t('pipeline.parameters')}>
              <ParameterFacts parameters={pipeline.parameters} />
            </Panel>
          </>
        }
      />
    </Page>
  );
}

/** The steps before any run; choosing one shows its line. */
export function PlannedSteps(props: {
  pipeline: Pipeline;
  linkTo(line: number): string;
}) {
  const { pipeline, linkTo } = props;
  const t = useText();
  const navigate = useNavigate();
  const [view, setView] = useView();
  const tree = useMemo(() => toStepTree(pipeline.graph), [pipeline.graph]);
  const show = (step: Pick<Step, 'line'>) =>
    step.line !== undefined && navigate(linkTo(step.line));
  return (
    <Panel
      title={t('pipeline.steps')}
      actions={<ViewChoice view={view} onChange={setView} />}
    >
      {tree.steps.length === 0 && <Note>{t('pipeline.notDrawn')}</Note>}
      {tree.steps.length > 0 &&
        (view === 'list' ? (
          <StepList steps={tree.steps} onSelect={show} />
        ) : (
          <GraphView tree={tree} onSelect={show} />
        ))}
    </Panel>
  );
}
