import type {
  ModelVersion,
  RegisteredModel,
} from '@backstage-mlops/mlops-core';
import { AliasBadges } from '../promotions/AliasBadge';
import { useLinks } from '../routing';
import { useText } from '../translation';
import { figure, shortCommit, shortDigest } from '../ui/figures';
import { Code, Note } from '../ui/Panel';
import { Table } from '../ui/Table';
import { To, ToButton } from '../ui/To';
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
    <AliasBadges aliases={model.aliases} version={version.version} />,
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
    <Promote model={model} version={version.version} />,
  ];
  if (model.versions.length === 0) return <Note>{t('model.noVersion')}</Note>;
  return (
    <Table
      cards
      label={t('model.versions')}
      columns={[
        t('model.columns.version'),
        t('model.columns.aliases'),
        { title: metric ?? t('model.columns.metric'), figures: true },
        t('model.columns.data'),
        t('model.columns.commit'),
        t('model.columns.backend'),
        t('model.columns.run'),
        t('model.columns.when'),
        t('model.columns.action'),
      ]}
      rows={model.versions.map(version => ({
        key: version.version,
        cells: cellsOf(version),
      }))}
    />
  );
}

function Promote(props: { model: RegisteredModel; version: string }) {
  const { model, version } = props;
  const t = useText();
  const links = useLinks();
  const isChampion = model.aliases.some(
    item => item.alias === 'champion' && item.version === version,
  );
  if (!model.file || isChampion || model.allowed?.promote === false)
    return null;
  return (
    <ToButton
      size="small"
      variant="secondary"
      aria-label={t('promote.title', { model: model.name, version })}
      href={links.promote(model.project, model.name, version)}
    >
      {t('promote.open')}
    </ToButton>
  );
}
