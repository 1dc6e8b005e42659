import { useText } from '../translation';
import { plainFigure } from '../ui/figures';
import styles from './charts.module.css';

const size = { width: 280, height: 96 };

/** How values are spread: one column a bin, the edges below. */
export function Histogram(props: {
  title: string;
  edges: number[];
  counts: number[];
}) {
  const t = useText();
  const { title, edges, counts } = props;
  const top = counts.reduce((most, count) => Math.max(most, count), 0) || 1;
  const width = size.width / Math.max(1, counts.length);
  const binOf = (i: number) =>
    t('version.from', {
      lower: plainFigure(edges[i] ?? 0),
      upper: plainFigure(edges[i + 1] ?? edges[i] ?? 0),
    });
  const told = counts.map((count, i) => `${binOf(i)}: ${count}`).join(', ');
  return (
    <figure className={styles.figure}>
      <figcaption>{title}</figcaption>
      <svg
        viewBox={`0 0 ${size.width} ${size.height}`}
        className={`${styles.lines} ${styles.histogram}`}
        role="img"
        aria-label={t('chart.summary', { title, series: told })}
      >
        {counts.map((count, i) => {
          const height = (count / top) * (size.height - 20);
          return (
            <rect
              // A bin has no other name than its place.
              // eslint-disable-next-line react/no-array-index-key
              key={i}
              className={styles.column}
              x={i * width + 1}
              y={size.height - 18 - height}
              width={Math.max(1, width - 2)}
              height={height}
            >
              <title>{`${binOf(i)}: ${count}`}</title>
            </rect>
          );
        })}
        <text x={0} y={size.height - 4}>
          {plainFigure(edges[0] ?? 0)}
        </text>
        <text x={size.width} y={size.height - 4} textAnchor="end">
          {plainFigure(edges[edges.length - 1] ?? 0)}
        </text>
      </svg>
    </figure>
  );
}
