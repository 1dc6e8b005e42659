import { useApi } from '@backstage/core-plugin-api';
import type { ProjectDetail } from '@backstage-mlops/mlops-core';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { listAgainMs, useLiveRuns } from '../api/useLiveRuns';
import { useResource } from '../api/useResource';
import { useLinks } from '../routing';
import { RunBars } from '../runs/RunBars';
import { useText } from '../translation';
import { Inline } from '../ui/Page';
import { SyncOf, useSync } from '../sync/SyncOf';
import { Note, Panel } from '../ui/Panel';
import { Table } from '../ui/Table';
import { To, ToButton } from '../ui/To';

/** Pipelines of a project with how they went lately. */
export function PipelineList({ project }: { project: ProjectDetail }) {
  const t = useText();
  const links = useLinks();
  const { name, pipelines, allowed } = project;
  const sync = useSync(name);
  if (pipelines.length === 0)
    return (
      <Panel>
        <Note>{t('project.noPipeline')}</Note>
      </Panel>
    );
  return (
    <Panel>
      <Table
        cards
        label={t('project.tabs.pipelines')}
        columns={[
          t('project.pipeline'),
          t('sync.column'),
          t('project.lastRuns'),
          t('project.action'),
        ]}
        rows={pipelines.map(pipeline => ({
          key: pipeline,
          cells: [
            <To href={links.pipeline(name, pipeline)}>{pipeline}</To>,
            <SyncOf items={sync} kind="pipeline" name={pipeline} />,
            <Lately project={name} pipeline={pipeline} />,
            <Inline>
              {allowed.run && (
                <ToButton
                  size="small"
                  variant="secondary"
                  aria-label={t('project.run', { pipeline })}
                  href={links.startRun(name, pipeline)}
                >
                  {t('pipeline.run')}
                </ToButton>
              )}
              {allowed.propose !== false && (
                <ToButton
                  size="small"
                  variant="tertiary"
                  aria-label={t('project.change', { pipeline })}
                  href={links.newChange(name, pipeline)}
                >
                  {t('pipeline.changeShort')}
                </ToButton>
              )}
            </Inline>,
          ],
        }))}
      />
    </Panel>
  );
}

function Lately(props: { project: string; pipeline: string }) {
  const { project, pipeline } = props;
  const api = useApi(mlopsApiRef);
  const t = useText();
  const runs = useLiveRuns(
    useResource({
      key: `lately ${project} ${pipeline}`,
      load: () => api.listRuns({ project, pipeline, limit: '20' }),
      againMs: () => listAgainMs,
    }),
  );
  const items = runs.value?.items ?? [];
  if (runs.value && items.length === 0) return <>{t('project.neverRan')}</>;
  return <RunBars runs={items} small />;
}
