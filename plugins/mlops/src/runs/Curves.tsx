import type { MetricSeries } from '@backstage-mlops/mlops-core';
import { LineChart } from '../charts/LineChart';
import { useText } from '../translation';
import { figure } from '../ui/figures';
import { Stack, Tiles } from '../ui/Page';
import { Table } from '../ui/Table';

/** Metrics of a run: curves where there are several steps, and the last value of each for every run below it. */
export function Curves({ series }: { series: MetricSeries[] }) {
  const drawn = series.filter(item => item.points.length > 1);
  const keys = [...new Set(drawn.map(item => item.key))];
  return (
    <Stack>
      {keys.length > 0 && (
        <Tiles>
          {keys.map(key => (
            <LineChart
              key={key}
              title={key}
              series={toLines(drawn.filter(item => item.key === key))}
            />
          ))}
        </Tiles>
      )}
      <LastValues series={series} />
    </Stack>
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

function LastValues({ series }: { series: MetricSeries[] }) {
  const t = useText();
  const keys = [...new Set(series.map(item => item.key))];
  const runs = new Map(
    series.map(({ trackingRunId, runName }) => [trackingRunId, runName]),
  );
  const valueOf = (run: string, key: string) =>
    series
      .find(item => item.trackingRunId === run && item.key === key)
      ?.points.at(-1)?.value;
  // One run with many metrics reads better downwards.
  if (runs.size === 1)
    return (
      <Table
        label={t('run.finalValues')}
        columns={[
          t('version.metric'),
          { title: t('chart.value'), figures: true },
        ]}
        rows={keys.map(key => ({
          key,
          cells: [key, shown(valueOf([...runs.keys()][0], key))],
        }))}
      />
    );
  return (
    <Table
      label={t('run.finalValues')}
      columns={[
        t('run.of'),
        ...keys.map(key => ({ title: key, figures: true })),
      ]}
      rows={[...runs].map(([id, name]) => ({
        key: id,
        cells: [name, ...keys.map(key => shown(valueOf(id, key)))],
      }))}
    />
  );
}

function shown(value?: number): string {
  return value === undefined ? '' : figure(value);
}
