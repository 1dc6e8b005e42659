import { useApi } from '@backstage/core-plugin-api';
import type { DatasetDetail, ProjectDetail } from '@backstage-mlops/mlops-core';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { useResource } from '../api/useResource';
import { useLinks } from '../routing';
import { useText } from '../translation';
import { shortDigest } from '../ui/figures';
import { Fetched } from '../ui/Fetched';
import { Tiles } from '../ui/Page';
import { Code, Facts, Note, Panel } from '../ui/Panel';
import { To } from '../ui/To';

/** Datasets of a project and what the newest run saw of them. */
export function DatasetList({ project }: { project: ProjectDetail }) {
  return (
    <Tiles>
      {project.datasets.map(name => (
        <DatasetCard key={name} project={project.name} name={name} />
      ))}
    </Tiles>
  );
}

function DatasetCard({ project, name }: { project: string; name: string }) {
  const api = useApi(mlopsApiRef);
  const t = useText();
  const links = useLinks();
  const dataset = useResource({
    key: `dataset ${project} ${name}`,
    load: () => api.getDataset(project, name),
  });
  return (
    <Panel
      title={dataset.value?.title ?? name}
      actions={<To href={links.dataset(project, name)}>{t('entity.open')}</To>}
    >
      <Fetched of={dataset} what={t('what.dataset')}>
        {value => <Summary dataset={value} />}
      </Fetched>
    </Panel>
  );
}

function Summary({ dataset }: { dataset: DatasetDetail }) {
  const t = useText();
  const { report, description } = dataset;
  if (!report) return <Note>{description ?? t('dataset.unseen')}</Note>;
  return (
    <>
      {description && <p>{description}</p>}
      <Facts
        items={[
          [t('dataset.rows'), report.rows],
          [t('dataset.setAside'), report.setAsideRows],
          [
            t('dataset.digest'),
            <Code whole>{shortDigest(report.digest)}</Code>,
          ],
        ]}
      />
    </>
  );
}
