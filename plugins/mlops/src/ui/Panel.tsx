import { Box } from '@backstage/ui';
import { useId, type ReactNode } from 'react';
import styles from './Panel.module.css';

/** A part of a page with a heading. */
export function Panel(props: {
  title?: string;
  actions?: ReactNode;
  tone?: 'danger';
  children: ReactNode;
}) {
  const { title, actions, tone, children } = props;
  const heading = useId();
  // The box tells fields and buttons in it on what ground they stand.
  return (
    <Box
      as="section"
      bg="neutral"
      className={`${styles.panel} ${tone ? styles[tone] : ''}`}
      aria-labelledby={title ? heading : undefined}
    >
      {(title || actions) && (
        <div className={styles.head}>
          <h2 id={heading}>{title}</h2>
          {actions}
        </div>
      )}
      {children}
    </Box>
  );
}

/** What to do where there is nothing yet, or a remark. */
export function Note({ children }: { children: ReactNode }) {
  return <p className={styles.note}>{children}</p>;
}

/** Text of a machine: a path, a value; `whole` for what is short and must not be broken, as the start of a digest. */
export function Code(props: { whole?: boolean; children: ReactNode }) {
  return (
    <span className={`${styles.code} ${props.whole ? styles.whole : ''}`}>
      {props.children}
    </span>
  );
}

/** Names and values; what has no value is left out. */
export function Facts({ items }: { items: [string, ReactNode][] }) {
  const known = items.filter(
    ([, value]) =>
      value !== undefined && value !== '' && value !== null && value !== false,
  );
  return (
    <dl className={styles.facts}>
      {known.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Sentences as a list. */
export function Sentences({ items }: { items: string[] }) {
  return (
    <ul className={styles.sentences}>
      {items.map(item => (
        <li key={item}>{item}</li>
      ))}
    </ul>
  );
}
