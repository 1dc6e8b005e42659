import { useApi } from '@backstage/core-plugin-api';
import { useEntity } from '@backstage/plugin-catalog-react';
import type { ReactNode } from 'react';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { useResource } from '../api/useResource';
import { useModel } from '../models/ModelPage';
import { VersionTable } from '../models/VersionTable';
import { LastRuns } from '../pipelines/LastRuns';
import { PlannedSteps } from '../pipelines/PipelinePage';
import { ModelList } from '../projects/ModelList';
import { Overview } from '../projects/Overview';
import { PipelineList } from '../projects/PipelineList';
import { useLinks } from '../routing';
import { useText } from '../translation';
import { Fetched } from '../ui/Fetched';
import { Columns, Stack } from '../ui/Page';
import { Panel } from '../ui/Panel';
import { toEntityTarget, type EntityTarget } from './annotations';

/** The tab of a project, model or pipeline on its page of the catalog. */
export function EntityContent() {
  const { entity } = useEntity();
  const target = toEntityTarget(entity);
  if (!target) return null;
  return <Stack>{contentOf(entity.kind, target)}</Stack>;
}

function contentOf(kind: string, target: EntityTarget): ReactNode {
  switch (kind.toLowerCase()) {
    case 'mlmodel':
      return <ModelContent {...target} />;
    case 'mlpipeline':
      return <PipelineContent {...target} />;
    default:
      return <ProjectContent {...target} />;
  }
}

function ProjectContent({ project }: EntityTarget) {
  const api = useApi(mlopsApiRef);
  const t = useText();
  const detail = useResource({
    key: `project ${project}`,
    load: () => api.getProject(project),
  });
  return (
    <Fetched of={detail} what={t('what.project')}>
      {value => (
        <>
          <Overview project={value} />
          <PipelineList project={value} />
          {value.models.length > 0 && <ModelList project={value} />}
        </>
      )}
    </Fetched>
  );
}

function ModelContent({ project, name }: EntityTarget) {
  const t = useText();
  const model = useModel(project, name);
  return (
    <Fetched of={model} what={t('what.model')}>
      {value => (
        <Panel title={t('model.versions')}>
          <VersionTable model={value} />
        </Panel>
      )}
    </Fetched>
  );
}

function PipelineContent({ project, name }: EntityTarget) {
  const api = useApi(mlopsApiRef);
  const t = useText();
  const links = useLinks();
  const pipeline = useResource({
    key: `pipeline ${project} ${name}`,
    load: () => api.getPipeline(project, name),
  });
  return (
    <Fetched of={pipeline} what={t('what.pipeline')}>
      {value => (
        <Columns
          main={
            <PlannedSteps
              pipeline={value}
              linkTo={line => links.pipeline(project, name, { line })}
            />
          }
          side={
            <Panel title={t('pipeline.lastRuns')}>
              <LastRuns project={project} pipeline={name} />
            </Panel>
          }
        />
      )}
    </Fetched>
  );
}
