import {
  RiAlertFill,
  RiCheckboxCircleFill,
  RiCloseCircleFill,
} from '@remixicon/react';
import type { DatasetDetail, DatasetReport } from '@backstage-mlops/mlops-core';
import { Bars } from '../charts/Bars';
import { Histogram } from '../charts/Histogram';
import { useText } from '../translation';
import { figure, shortDigest } from '../ui/figures';
import { Tiles } from '../ui/Page';
import { Code, Panel } from '../ui/Panel';
import { Judged } from '../ui/State';
import { Table } from '../ui/Table';
import styles from './DatasetReportView.module.css';
import { Examples } from './Examples';
import { groupReasons } from './groupReasons';

/** Checks, counts, spreads, samples, and what was set aside with its reasons. */
export function DatasetReportView(props: {
  dataset: DatasetDetail;
  report: DatasetReport;
}) {
  const { dataset, report } = props;
  const t = useText();
  return (
    <>
      <Panel
        title={t('dataset.used', {
          used: String(report.rows),
          aside: String(report.setAsideRows),
        })}
      >
        <Checks checks={report.checks} />
      </Panel>
      {report.counts.length > 0 && (
        <Panel title={t('dataset.counts')}>
          <Tiles>
            {report.counts.map(({ by, values }) => (
              <Bars
                key={by}
                title={t('dataset.by', { name: by })}
                items={values.map(({ value, count }) => ({
                  label: value,
                  amount: count,
                }))}
              />
            ))}
          </Tiles>
        </Panel>
      )}
      {report.histograms.length > 0 && (
        <Panel title={t('dataset.histograms')}>
          <Tiles>
            {report.histograms.map(({ feature, edges, counts }) => (
              <Histogram
                key={feature}
                title={feature}
                edges={edges}
                counts={counts}
              />
            ))}
          </Tiles>
        </Panel>
      )}
      <Examples
        title={t('dataset.samples')}
        noteTitle={t('dataset.example')}
        none={t('dataset.noSamples')}
        dataset={dataset}
        items={report.samples.map(item => ({
          ...item,
          note: [item.label, item.source].filter(Boolean).join(', '),
        }))}
      />
      <SetAside dataset={dataset} report={report} />
    </>
  );
}

const marks = {
  passed: { tone: 'good', Icon: RiCheckboxCircleFill },
  warning: { tone: 'warn', Icon: RiAlertFill },
  failed: { tone: 'bad', Icon: RiCloseCircleFill },
} as const;

function Checks({ checks }: { checks: DatasetReport['checks'] }) {
  const t = useText();
  return (
    <Table
      cards="small"
      label={t('dataset.checks')}
      columns={[
        t('dataset.check'),
        t('dataset.result'),
        t('dataset.message'),
        t('dataset.value'),
        t('dataset.limit'),
      ]}
      rows={checks.map(({ name, status, value, limit, message }) => {
        const { tone, Icon } = marks[status];
        return {
          key: name,
          cells: [
            name,
            <Judged as={tone}>
              <span className={styles.result}>
                <Icon size={16} aria-hidden />
                {t(`dataset.${status}`)}
              </span>
            </Judged>,
            message,
            valueOf(value),
            limit && <span className={styles.limit}>{limit}</span>,
          ],
        };
      })}
    />
  );
}

/** A digest is told by its first letters; it stands whole behind the pointer. */
function valueOf(value?: number | string) {
  if (typeof value === 'number') return figure(value);
  if (!value?.startsWith('sha256:')) return value;
  return (
    <span title={value}>
      <Code whole>{shortDigest(value)}</Code>
    </span>
  );
}

function SetAside(props: { dataset: DatasetDetail; report: DatasetReport }) {
  const { dataset, report } = props;
  const t = useText();
  const reasons = groupReasons(report.setAside.map(({ reason }) => reason));
  return (
    <Examples
      title={t('dataset.setAside')}
      noteTitle={t('dataset.reason')}
      none={t('dataset.noneAside')}
      dataset={dataset}
      items={report.setAside.map(item => ({ ...item, note: item.reason }))}
    >
      {reasons.length > 1 && (
        <Bars title={t('dataset.reasons')} items={reasons.slice(0, 12)} />
      )}
    </Examples>
  );
}
