import { useApi } from '@backstage/core-plugin-api';
import type { ModelVersionDetail } from '@backstage-mlops/mlops-core';
import type { ReactNode } from 'react';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { useResource } from '../api/useResource';
import { Bars } from '../charts/Bars';
import { ButtonLink } from '@backstage/ui';
import { AliasBadges } from '../promotions/AliasBadge';
import { useModel } from './ModelPage';
import { useLinks } from '../routing';
import { Curves } from '../runs/Curves';
import { useText } from '../translation';
import { bytes, shortDigest } from '../ui/figures';
import { Fetched } from '../ui/Fetched';
import { Columns, Page } from '../ui/Page';
import { Code, Facts, Note, Panel } from '../ui/Panel';
import { Table } from '../ui/Table';
import { Comparison } from './Comparison';
import { Evaluation } from './Evaluation';
import { Lineage } from './Lineage';

/** A registered version: how good it is, where it comes from, what is in it. */
export function VersionPage(props: {
  project: string;
  model: string;
  version: string;
}) {
  const { project, model, version } = props;
  const api = useApi(mlopsApiRef);
  const t = useText();
  const links = useLinks();
  const detail = useResource({
    key: `version ${project} ${model} ${version}`,
    load: () => api.getVersion(project, model, version),
  });
  return (
    <Fetched isPage of={detail} what={t('what.version')}>
      {value => (
        <Page
          title={t('version.title', { model, version })}
          crumbs={[
            { label: t('title'), href: links.home() },
            { label: project, href: links.project(project) },
            { label: model, href: links.model(project, model) },
          ]}
          actions={<PromoteButton of={value} />}
        >
          <Aliases of={value} />
          <Columns main={<Quality of={value} />} side={<Origin of={value} />} />
        </Page>
      )}
    </Fetched>
  );
}

function Aliases({ of }: { of: ModelVersionDetail }) {
  const model = useModel(of.project, of.model);
  return (
    <AliasBadges aliases={model.value?.aliases ?? []} version={of.version} />
  );
}

/** The way to a promotion, where the version is not champion already. */
function PromoteButton({ of }: { of: ModelVersionDetail }) {
  const t = useText();
  const links = useLinks();
  const { value } = useModel(of.project, of.model);
  const isChampion = value?.aliases.some(
    ({ alias, version }) => alias === 'champion' && version === of.version,
  );
  if (!value?.file || isChampion || value.allowed?.promote === false)
    return null;
  return (
    <ButtonLink
      variant="primary"
      href={links.promote(of.project, of.model, of.version)}
    >
      {t('promote.open')}
    </ButtonLink>
  );
}

function Quality({ of }: { of: ModelVersionDetail }) {
  const t = useText();
  return (
    <>
      {of.evaluation ? (
        <Evaluation version={of} report={of.evaluation} />
      ) : (
        <Panel title={t('version.metrics')}>
          <Note>{t('version.noEvaluation')}</Note>
        </Panel>
      )}
      {of.runId && <RunCurves run={of.runId} trackingRun={of.trackingRunId} />}
    </>
  );
}

/** Curves of the candidate that became this version; of the whole run where it is not known which that was. */
function RunCurves(props: { run: string; trackingRun?: string }) {
  const { run, trackingRun } = props;
  const api = useApi(mlopsApiRef);
  const t = useText();
  const metrics = useResource({
    key: `metrics ${run}`,
    load: () => api.listMetrics(run),
  });
  const all = (metrics.value?.items ?? []).filter(
    ({ points }) => points.length > 1,
  );
  const own = all.filter(item => item.trackingRunId === trackingRun);
  const series = own.length > 0 ? own : all;
  if (series.length === 0) return null;
  return (
    <Panel title={t('version.curves')}>
      <Curves series={series} />
    </Panel>
  );
}

function Origin({ of }: { of: ModelVersionDetail }) {
  const t = useText();
  const features = of.evaluation?.features ?? [];
  const ranked = [...features].sort((a, b) => b.importance - a.importance);
  const parameters = Object.entries(of.parameters);
  return (
    <>
      <Lineage version={of} />
      <Comparison version={of} />
      {ranked.length > 0 && (
        <Panel title={t('version.features')}>
          <Bars
            items={ranked.map(({ name, importance }) => ({
              label: name,
              amount: importance,
            }))}
          />
        </Panel>
      )}
      {parameters.length > 0 && (
        <Panel title={t('version.parameters')}>
          <Facts
            items={parameters.map(([name, text]): [string, ReactNode] => [
              name,
              <Code>{text}</Code>,
            ])}
          />
        </Panel>
      )}
      <Files files={of.files} />
    </>
  );
}

function Files({ files }: { files: ModelVersionDetail['files'] }) {
  const t = useText();
  return (
    <Panel title={t('version.files')}>
      <Table
        label={t('version.files')}
        columns={[
          t('version.file'),
          { title: t('version.size'), figures: true },
          t('version.digest'),
        ]}
        rows={files.map(({ path, sizeBytes, digest }) => ({
          key: path,
          cells: [
            path,
            bytes(sizeBytes),
            <Code whole>{shortDigest(digest)}</Code>,
          ],
        }))}
      />
    </Panel>
  );
}
