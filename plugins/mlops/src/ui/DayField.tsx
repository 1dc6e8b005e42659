import { useId } from 'react';
import styles from './DayField.module.css';

/** A day, chosen by the browser's own calendar. */
export function DayField(props: {
  label: string;
  hint: string;
  /** As `2026-05-03`; empty for none. */
  value: string;
  onChange(day: string): void;
}) {
  const { label, hint, value, onChange } = props;
  const id = useId();
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="date"
        value={value}
        aria-describedby={`${id}-hint`}
        onChange={event => onChange(event.target.value)}
      />
      <span id={`${id}-hint`} className={styles.hint}>
        {hint}
      </span>
    </div>
  );
}
