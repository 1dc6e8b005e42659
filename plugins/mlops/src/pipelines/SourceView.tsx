import { useEffect, useRef } from 'react';
import { Link } from 'react-router-dom';
import { useText } from '../translation';
import { moveAmongLines } from '../ui/moveAmongLines';
import styles from './SourceView.module.css';

/** A file with line numbers that are links; the wanted line is in view and marked. */
export function SourceView(props: {
  text: string;
  line?: number;
  linkTo(line: number): string;
}) {
  const { text, line, linkTo } = props;
  const t = useText();
  const wanted = useRef<HTMLDivElement>(null);
  useEffect(() => {
    wanted.current?.scrollIntoView?.({ block: 'center' });
  }, [line, text]);
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div
      className={styles.source}
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      role="region"
      aria-label={t('pipeline.sourceLabel')}
      onKeyDown={moveAmongLines}
    >
      {text
        .replace(/\n$/, '')
        .split('\n')
        .map((row, index) => {
          const number = index + 1;
          const marked = number === line;
          return (
            <div
              key={number}
              ref={marked ? wanted : undefined}
              className={marked ? styles.marked : styles.line}
              aria-current={marked ? 'location' : undefined}
            >
              <Link
                className={styles.number}
                to={linkTo(number)}
                tabIndex={number === (line ?? 1) ? 0 : -1}
                aria-label={t('pipeline.line', { line: String(number) })}
              >
                {number}
              </Link>
              <code>{row}</code>
            </div>
          );
        })}
    </div>
  );
}
