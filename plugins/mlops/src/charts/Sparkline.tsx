import { useText } from '../translation';
import { figure } from '../ui/figures';
import styles from './charts.module.css';
import { rangeOf } from './series';

const size = { width: 84, height: 24, edge: 3 };

/** A metric over versions, small. */
export function Sparkline(props: { metric: string; values: number[] }) {
  const t = useText();
  const { metric, values } = props;
  if (values.length < 2) return null;
  const [low, high] = rangeOf(values);
  const place = (value: number, i: number) => {
    const wide = size.width - 2 * size.edge;
    const tall = size.height - 2 * size.edge;
    return {
      x: size.edge + (i * wide) / (values.length - 1),
      y: size.height - size.edge - ((value - low) / (high - low)) * tall,
    };
  };
  const points = values.map(place);
  const end = points[points.length - 1];
  return (
    <svg
      className={styles.sparkline}
      width={size.width}
      height={size.height}
      role="img"
      aria-label={t('chart.overVersions', {
        metric,
        values: values.map(figure).join(', '),
      })}
    >
      <polyline points={points.map(({ x, y }) => `${x},${y}`).join(' ')} />
      <circle cx={end.x} cy={end.y} r={2.5} />
    </svg>
  );
}
