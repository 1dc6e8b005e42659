import { useText } from '../translation';
import { figure } from '../ui/figures';
import styles from './charts.module.css';

/** Amounts by name; each figure stands beside its bar. */
export function Bars(props: {
  title?: string;
  items: { label: string; amount: number }[];
}) {
  const t = useText();
  const { title, items } = props;
  const top = items.reduce((most, item) => Math.max(most, item.amount), 0) || 1;
  return (
    <figure className={styles.figure}>
      {title && <figcaption>{title}</figcaption>}
      <ul className={styles.bars}>
        {items.map(({ label, amount }) => (
          <li key={label}>
            <span>{label || t('chart.unnamed')}</span>
            <span
              className={styles.bar}
              style={{ width: `${(Math.max(0, amount) / top) * 100}%` }}
            />
            <span className={styles.amount}>{figure(amount)}</span>
          </li>
        ))}
      </ul>
    </figure>
  );
}
