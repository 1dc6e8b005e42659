import type { ModelVersionDetail } from '@backstage-mlops/mlops-core';
import { useText } from '../translation';
import { difference, figure } from '../ui/figures';
import { Code, Note, Panel } from '../ui/Panel';
import { Judged } from '../ui/State';
import { Table } from '../ui/Table';
import { compareVersions, type MetricDifference } from './compareVersions';
import { useModel } from './ModelPage';

/** A version beside the one before it; nothing for the first. */
export function Comparison({ version }: { version: ModelVersionDetail }) {
  const { previous } = version;
  const t = useText();
  const model = useModel(version.project, version.model);
  if (!previous) return null;
  const found = compareVersions(version, previous, model.value?.primaryMetric);
  return (
    <Panel title={t('version.comparedWith', { version: previous.version })}>
      <Table
        label={t('version.comparedWith', { version: previous.version })}
        columns={[
          t('version.metric'),
          { title: t('version.before'), figures: true },
          { title: t('version.now'), figures: true },
          { title: t('version.difference'), figures: true },
        ]}
        rows={found.metrics.map(metric => ({
          key: metric.name,
          cells: [
            metric.name,
            figure(metric.before),
            figure(metric.now),
            <Change metric={metric} />,
          ],
        }))}
      />
      {found.parameters.length > 0 && (
        <Table
          label={t('version.otherParameters')}
          columns={[
            t('version.otherParameters'),
            t('version.before'),
            t('version.now'),
          ]}
          rows={found.parameters.map(({ name, before, now }) => ({
            key: name,
            cells: [name, <Code>{before}</Code>, <Code>{now}</Code>],
          }))}
        />
      )}
      <Note>
        {found.sameData ? t('version.sameData') : t('version.otherData')}
      </Note>
    </Panel>
  );
}

/** A difference with its sign and, where it can be said, the word for it. */
function Change({ metric }: { metric: MetricDifference }) {
  const t = useText();
  const text = difference(metric.difference);
  if (metric.judged === 'better')
    return (
      <Judged as="good">{t('version.better', { difference: text })}</Judged>
    );
  if (metric.judged === 'worse')
    return <Judged as="bad">{t('version.worse', { difference: text })}</Judged>;
  return (
    <Judged as="quiet">
      {Math.abs(metric.difference) < 1e-9 ? t('version.same') : text}
    </Judged>
  );
}
