import { Alert, Header, Link, Skeleton } from '@backstage/ui';
import {
  RiCheckboxCircleLine,
  RiCloseCircleLine,
  RiIndeterminateCircleLine,
  RiLoader4Line,
  RiRadioButtonLine,
  RiTimeLine,
} from '@remixicon/react';
import type { ReactNode } from 'react';
import type { Resource } from '../api/useResource';
import styles from './ui.module.css';

/** A page with its heading; tabs and actions where it has them. */
export function Page(props: {
  title: string;
  crumbs?: { label: string; href: string }[];
  description?: string;
  tabs?: { id: string; label: string; href: string }[];
  activeTab?: string;
  actions?: ReactNode;
  children: ReactNode;
}) {
  return (
    <>
      <Header
        title={props.title}
        description={props.description}
        breadcrumbs={props.crumbs}
        tabs={props.tabs}
        activeTabId={props.activeTab}
        customActions={props.actions}
      />
      <main className={`${styles.page} ${styles.stack}`}>{props.children}</main>
    </>
  );
}

/** A part of a page with a heading. */
export function Panel({
  title,
  children,
  actions,
}: {
  title?: string;
  children: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <section className={styles.panel} aria-label={title}>
      {title && (
        <div className={styles.between}>
          <h2 style={{ margin: '0 0 12px', fontSize: '1rem' }}>{title}</h2>
          {actions}
        </div>
      )}
      {children}
    </section>
  );
}

/** Shows what was fetched: first a shape of it, then the thing or what went wrong. */
export function Fetched<T>({
  of,
  what,
  children,
}: {
  of: Resource<T>;
  what: string;
  children: (value: T) => ReactNode;
}) {
  if (of.error) return <Fault error={of.error} what={what} retry={of.reload} />;
  if (of.value === undefined)
    return (
      <div
        className={`${styles.page} ${styles.stack}`}
        role="status"
        aria-label={`Loading ${what}`}
        style={{ paddingTop: 24 }}
      >
        <Skeleton width="40%" height={28} />
        <Skeleton width="100%" height={160} />
      </div>
    );
  return <>{children(of.value)}</>;
}

/** What went wrong, in the server's words, with a way on. */
export function Fault({
  error,
  what,
  retry,
}: {
  error: Error;
  what: string;
  retry?: () => void;
}) {
  const said =
    (error as { body?: { error?: { message?: string } } }).body?.error
      ?.message ?? error.message;
  return (
    <div className={styles.page} style={{ paddingTop: 24 }}>
      <Alert
        status="danger"
        icon
        title={`The ${what} cannot be shown`}
        description={said}
        customActions={
          retry && (
            <button type="button" onClick={retry}>
              Try again
            </button>
          )
        }
      />
    </div>
  );
}

/** What to do where there is nothing yet. */
export function Empty({ children }: { children: ReactNode }) {
  return <p className={styles.muted}>{children}</p>;
}

const icons = {
  Succeeded: RiCheckboxCircleLine,
  Failed: RiCloseCircleLine,
  Error: RiCloseCircleLine,
  Running: RiLoader4Line,
  Pending: RiTimeLine,
  Skipped: RiIndeterminateCircleLine,
  Omitted: RiIndeterminateCircleLine,
} as const;
const tones: Record<string, string> = {
  Succeeded: styles.good,
  Failed: styles.bad,
  Error: styles.bad,
  Running: styles.active,
  Pending: styles.quiet,
};

/** Class that gives a phase its colour; words and icons say the same. */
export const toneOf = (phase: string) => tones[phase] ?? styles.quiet;

/** A phase as icon and word. */
export function State({ phase }: { phase: string }) {
  const Icon = icons[phase as keyof typeof icons] ?? RiRadioButtonLine;
  return (
    <span className={`${styles.state} ${toneOf(phase)}`}>
      <Icon
        size={16}
        aria-hidden
        className={phase === 'Running' ? styles.spin : undefined}
      />
      {phase}
    </span>
  );
}

/** Names and values. */
export function Facts({ items }: { items: [string, ReactNode][] }) {
  return (
    <dl className={styles.facts}>
      {items
        .filter(([, value]) => value !== undefined && value !== '')
        .map(([name, value]) => (
          <Fact key={name} name={name} value={value} />
        ))}
    </dl>
  );
}

function Fact({ name, value }: { name: string; value: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}

/** A link to a page of the portal. */
export function To({ href, children }: { href: string; children: ReactNode }) {
  return (
    <Link href={href} className={styles.link}>
      {children}
    </Link>
  );
}

/** A table that scrolls in itself when the window is narrow. */
export function Table({
  head,
  rows,
  label,
  numbers = [],
}: {
  head: string[];
  rows: { key: string; cells: ReactNode[] }[];
  label: string;
  numbers?: number[];
}) {
  const kind = (index: number) =>
    numbers.includes(index) ? styles.number : undefined;
  return (
    <div
      className={styles.scroll}
      tabIndex={0}
      role="region"
      aria-label={label}
    >
      <table className={styles.table}>
        <thead>
          <tr>
            {head.map((name, i) => (
              <th key={name} scope="col" className={kind(i)}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, cells }) => (
            <tr key={key}>
              {cells.map((cell, i) => (
                // eslint-disable-next-line react/no-array-index-key
                <td key={i} className={kind(i)}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export { styles };
