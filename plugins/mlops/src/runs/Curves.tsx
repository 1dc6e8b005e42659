import type { MetricSeries } from '@backstage-mlops/mlops-core';
import { LineChart } from '../ui/charts';
import { figure } from '../ui/text';
import { styles, Table } from '../ui/ui';

/** Metrics of a run: curves where there are steps, numbers where there is one value. */
export function Curves({ series }: { series: MetricSeries[] }) {
  const keys = [
    ...new Set(
      series.filter(item => item.points.length > 1).map(item => item.key),
    ),
  ];
  const single = series.filter(item => item.points.length === 1);
  return (
    <div className={styles.stack}>
      <div className={styles.columns}>
        {keys.map(key => (
          <LineChart
            key={key}
            title={key}
            series={series
              .filter(item => item.key === key && item.points.length > 1)
              .map(item => ({
                name: item.runName,
                points: item.points.map(point => ({
                  x: point.step,
                  y: point.value,
                })),
              }))}
          />
        ))}
      </div>
      {single.length > 0 && (
        <Table
          label="Metrics"
          head={['Metric', 'Of', 'Value']}
          numbers={[2]}
          rows={single.map(item => ({
            key: `${item.trackingRunId} ${item.key}`,
            cells: [item.key, item.runName, figure(item.points[0].value)],
          }))}
        />
      )}
    </div>
  );
}
