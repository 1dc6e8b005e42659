import styles from './charts.module.css';

/** A share with its interval, between 0 and 1. The figures stand beside it, so it is hidden from readers of the screen. */
export function IntervalBar(props: {
  value: number;
  interval: { lower: number; upper: number };
}) {
  const { value, interval } = props;
  const at = (share: number) => 5 + Math.max(0, Math.min(1, share)) * 90;
  return (
    <svg className={styles.interval} width={100} height={14} aria-hidden>
      <line className={styles.grid} x1={5} x2={95} y1={7} y2={7} />
      <line
        className={styles.span}
        x1={at(interval.lower)}
        x2={at(interval.upper)}
        y1={7}
        y2={7}
      />
      <circle className={styles.dot} cx={at(value)} cy={7} r={4} />
    </svg>
  );
}
