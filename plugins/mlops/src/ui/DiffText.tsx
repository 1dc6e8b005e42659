import styles from './DiffText.module.css';

/** A unified diff of one file; signs say what colours repeat. */
export function DiffText({ label, diff }: { label: string; diff: string }) {
  const lines = diff
    .replace(/\n$/, '')
    .split('\n')
    .filter(line => !/^(---|\+\+\+) /.test(line));
  return (
    <div
      className={styles.diff}
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      role="region"
      aria-label={label}
    >
      {lines.map((line, i) => (
        <div key={i} className={`${styles.line} ${toneOf(line)}`}>
          {line === '' ? ' ' : line}
        </div>
      ))}
    </div>
  );
}

function toneOf(line: string): string {
  if (line.startsWith('+')) return styles.added;
  if (line.startsWith('-')) return styles.removed;
  return line.startsWith('@@') ? styles.place : '';
}
