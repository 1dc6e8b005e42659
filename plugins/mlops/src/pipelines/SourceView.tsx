import { useEffect, useRef } from 'react';
import { styles } from '../ui/ui';

/** A file with line numbers; the wanted line is in view and marked. */
export function SourceView({
  text,
  line,
  linkTo,
}: {
  text: string;
  line?: number;
  linkTo(line: number): string;
}) {
  const wanted = useRef<HTMLSpanElement>(null);
  useEffect(
    () => wanted.current?.scrollIntoView?.({ block: 'center' }),
    [line, text],
  );
  return (
    <pre className={styles.code} tabIndex={0} aria-label="Source">
      {text.split('\n').map((row, index) => (
        // eslint-disable-next-line react/no-array-index-key
        <span
          key={index}
          ref={index + 1 === line ? wanted : undefined}
          className={`${styles.line} ${
            index + 1 === line ? styles.marked : ''
          }`}
        >
          <a
            className={styles.lineNumber}
            href={linkTo(index + 1)}
            aria-label={`Line ${index + 1}`}
          >
            {index + 1}
          </a>
          {row}
          {'\n'}
        </span>
      ))}
    </pre>
  );
}
