import type {
  EvaluationReport,
  ModelVersionDetail,
} from '@backstage-mlops/mlops-core';
import { versionFileRoute } from '../api/MlopsClient';
import { IntervalBar } from '../charts/IntervalBar';
import { useText, type Text } from '../translation';
import { figure } from '../ui/figures';
import { Inline } from '../ui/Page';
import { Note, Panel } from '../ui/Panel';
import { Gallery } from '../ui/Picture';
import { Judged } from '../ui/State';
import { Table } from '../ui/Table';
import { ConfusionMatrix } from './ConfusionMatrix';

type Interval = { lower: number; upper: number };

function intervalText(t: Text, interval?: Interval): string {
  if (!interval) return '';
  return t('version.from', {
    lower: figure(interval.lower),
    upper: figure(interval.upper),
  });
}

/** What the held-out data said. */
export function Evaluation(props: {
  version: ModelVersionDetail;
  report: EvaluationReport;
}) {
  const { version, report } = props;
  const { slices = [], mistakes = [] } = report;
  return (
    <>
      <Metrics report={report} />
      {report.confusionMatrix && (
        <ConfusionMatrix matrix={report.confusionMatrix} />
      )}
      {slices.length > 0 && <Slices slices={slices} />}
      {mistakes.length > 0 && (
        <Mistakes version={version} mistakes={mistakes} />
      )}
    </>
  );
}

function Metrics({ report }: { report: EvaluationReport }) {
  const t = useText();
  const { verdict, baseline } = report;
  return (
    <Panel title={t('version.heldOut', { count: report.examples })}>
      {verdict && (
        <p>
          <Judged as={verdict.name === 'good-fit' ? 'good' : 'warn'}>
            <strong>{t(`version.verdict.${verdict.name}`)}</strong>
          </Judged>{' '}
          {verdict.message}{' '}
          <Judged as="quiet">
            {t('version.rule', { rule: verdict.rule })}
          </Judged>
        </p>
      )}
      <Table
        label={t('version.metrics')}
        columns={[
          t('version.metric'),
          { title: t('version.value'), figures: true },
          t('version.interval'),
        ]}
        rows={report.metrics.map(({ name, value, interval }) => ({
          key: name,
          cells: [
            name,
            figure(value),
            interval && (
              <Inline>
                <IntervalBar value={value} interval={interval} />
                {intervalText(t, interval)}
              </Inline>
            ),
          ],
        }))}
      />
      {baseline && (
        <Note>
          {t('version.baseline', {
            rule: baseline.rule,
            metric: baseline.metric,
            value: figure(baseline.value),
          })}
        </Note>
      )}
    </Panel>
  );
}

function Slices(props: { slices: NonNullable<EvaluationReport['slices']> }) {
  const t = useText();
  return (
    <Panel title={t('version.slices')}>
      <Table
        cards="small"
        label={t('version.slices')}
        columns={[
          t('version.slice'),
          { title: t('version.examples'), figures: true },
          t('version.metric'),
          { title: t('version.value'), figures: true },
          t('version.interval'),
        ]}
        rows={props.slices.map(slice => ({
          key: `${slice.feature} ${slice.value} ${slice.metric}`,
          cells: [
            `${slice.feature}: ${slice.value}`,
            slice.examples,
            slice.metric,
            figure(slice.metricValue),
            intervalText(t, slice.interval),
          ],
        }))}
      />
    </Panel>
  );
}

type Mistake = NonNullable<EvaluationReport['mistakes']>[number];

function Mistakes(props: { version: ModelVersionDetail; mistakes: Mistake[] }) {
  const { version, mistakes } = props;
  const t = useText();
  const pictures = mistakes.filter(({ path }) => path !== undefined);
  const others = mistakes.filter(({ path }) => path === undefined);
  return (
    <Panel title={t('version.mistakes')}>
      {pictures.length > 0 && (
        <Gallery
          items={pictures.map(({ path, truth, prediction }) => {
            const text = t('version.mistake', { truth, prediction });
            const from = versionFileRoute(version, path!);
            return { key: path!, from, alt: text, caption: text };
          })}
        />
      )}
      {others.length > 0 && (
        <Table
          cards="small"
          label={t('version.mistakes')}
          columns={[
            t('version.truth'),
            t('version.answer'),
            { title: t('version.confidence'), figures: true },
            t('version.note'),
          ]}
          rows={others.map((item, i) => ({
            key: String(i),
            cells: [
              item.truth,
              item.prediction,
              item.confidence === undefined ? '' : figure(item.confidence),
              item.note,
            ],
          }))}
        />
      )}
    </Panel>
  );
}
