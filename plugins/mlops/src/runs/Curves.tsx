import type { MetricSeries } from '@backstage-mlops/mlops-core';
import { LineChart } from '../charts/LineChart';
import { useText } from '../translation';
import { figure } from '../ui/figures';
import { Stack, Tiles } from '../ui/Page';
import { Table } from '../ui/Table';
import styles from './Curves.module.css';

/** Metrics of a run: figures where there is one value, curves where there are several, and how the runs below it ended. */
export function Curves({ series }: { series: MetricSeries[] }) {
  const keys = [...new Set(series.map(item => item.key))];
  const of = (key: string) => series.filter(item => item.key === key);
  const single = keys.filter(key => agree(of(key)));
  const curved = keys.filter(key => of(key).some(isCurve));
  const compared = keys.filter(
    key => of(key).length > 1 && !single.includes(key),
  );
  return (
    <Stack>
      {single.length > 0 && <Figures series={single.map(key => of(key)[0])} />}
      {curved.length > 0 && (
        <Tiles>
          {curved.map(key => (
            <LineChart
              key={key}
              title={key}
              series={toLines(of(key).filter(isCurve))}
            />
          ))}
        </Tiles>
      )}
      {compared.length > 0 && <LastValues series={compared.flatMap(of)} />}
    </Stack>
  );
}

/** True for values at more than one step; what is logged twice at one step is no curve. */
function isCurve({ points }: MetricSeries): boolean {
  return points.some(({ step }) => step !== points[0].step);
}

/** True when a metric comes down to one value, which a run may share with the candidate that it chose. */
function agree(series: MetricSeries[]): boolean {
  const values = new Set(series.map(lastValue));
  return values.size === 1 && !series.some(isCurve);
}

function lastValue({ points }: MetricSeries): number {
  return points[points.length - 1].value;
}

/** Metrics with one value: name and figure. */
function Figures({ series }: { series: MetricSeries[] }) {
  return (
    <dl className={styles.figures}>
      {series.map(item => (
        <div key={item.key}>
          <dt>{item.key}</dt>
          <dd>{figure(lastValue(item))}</dd>
        </div>
      ))}
    </dl>
  );
}

/** One line a run; two runs of the same name are told apart by the start of their ids. */
function toLines(series: MetricSeries[]) {
  const names = series.map(item => item.runName);
  return series.map(({ runName, trackingRunId, points }) => ({
    name:
      names.indexOf(runName) === names.lastIndexOf(runName)
        ? runName
        : `${runName} ${trackingRunId.slice(0, 6)}`,
    points: points.map(({ step, value }) => ({ x: step, y: value })),
  }));
}

/** The last value of each metric that several runs have. */
function LastValues({ series }: { series: MetricSeries[] }) {
  const t = useText();
  const keys = [...new Set(series.map(item => item.key))];
  const runs = new Map(
    series.map(({ trackingRunId, runName }) => [trackingRunId, runName]),
  );
  const valueOf = (run: string, key: string) => {
    const found = series.find(
      item => item.trackingRunId === run && item.key === key,
    );
    return found ? figure(lastValue(found)) : '';
  };
  return (
    <Table
      label={t('run.finalValues')}
      columns={[
        t('run.of'),
        ...keys.map(key => ({ title: key, figures: true })),
      ]}
      rows={[...runs].map(([id, name]) => ({
        key: id,
        cells: [name, ...keys.map(key => valueOf(id, key))],
      }))}
    />
  );
}
