import type {
  ModelVersion,
  RegisteredModel,
} from '@backstage-mlops/mlops-core';
import { useLinks } from '../routing';
import { useText } from '../translation';
import { figure, shortCommit, shortDigest } from '../ui/figures';
import { Code, Note } from '../ui/Panel';
import { Table } from '../ui/Table';
import { To } from '../ui/To';
import { When } from '../ui/When';

/** Versions of a model, newest first. */
export function VersionTable({ model }: { model: RegisteredModel }) {
  const t = useText();
  const links = useLinks();
  const metric = model.primaryMetric?.name;
  const cellsOf = (version: ModelVersion) => [
    <To href={links.version(model.project, model.name, version.version)}>
      {t('model.versionName', { version: version.version })}
    </To>,
    metric && version.metrics[metric] !== undefined
      ? figure(version.metrics[metric])
      : t('time.none'),
    version.dataset && (
      <To href={links.dataset(model.project, version.dataset.name)}>
        <Code whole>{shortDigest(version.dataset.digest)}</Code>
      </To>
    ),
    version.commit && <Code whole>{shortCommit(version.commit)}</Code>,
    version.backend,
    version.runId && <To href={links.run(version.runId)}>{version.runId}</To>,
    <When at={version.createdAt} />,
  ];
  if (model.versions.length === 0) return <Note>{t('model.noVersion')}</Note>;
  return (
    <Table
      cards
      label={t('model.versions')}
      columns={[
        t('model.columns.version'),
        { title: metric ?? t('model.columns.metric'), figures: true },
        t('model.columns.data'),
        t('model.columns.commit'),
        t('model.columns.backend'),
        t('model.columns.run'),
        t('model.columns.when'),
      ]}
      rows={model.versions.map(version => ({
        key: version.version,
        cells: cellsOf(version),
      }))}
    />
  );
}
