import { useApi } from '@backstage/core-plugin-api';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button, SearchField } from '@backstage/ui';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useSearchParams } from 'react-router-dom';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { mlopsTranslationRef } from '../translation';
import { styles } from '../ui/ui';
import { parseAnsi } from './ansi';

const shownLines = 5_000;

/** The log of a step as it grows. It follows the end until the reader scrolls up. */
export function LogView({ run, node }: { run: string; node: string }) {
  const api = useApi(mlopsApiRef);
  const { t } = useTranslationRef(mlopsTranslationRef);
  const [query, setQuery] = useSearchParams();
  const text = useLog(run, node);
  const [search, setSearch] = useState('');
  const [following, setFollowing] = useState(true);
  const frame = useRef<HTMLDivElement>(null);
  const marked = Number(query.get('line')) || undefined;
  const lines = useMemo(
    () =>
      text
        .replace(/\n$/, '')
        .split('\n')
        .map((line, index) => ({ line, number: index + 1 })),
    [text],
  );
  const found =
    search === ''
      ? lines
      : lines.filter(({ line }) =>
          line.toLowerCase().includes(search.toLowerCase()),
        );
  const shown = found.slice(-shownLines);
  useEffect(() => {
    if (following && marked === undefined && frame.current)
      frame.current.scrollTop = frame.current.scrollHeight;
  }, [text, following, marked]);
  const download = async () => {
    const url = URL.createObjectURL(
      await api.readBlob(api.logRoute(run, node)),
    );
    const link = Object.assign(document.createElement('a'), {
      href: url,
      download: `${node}.log`,
    });
    link.click();
    URL.revokeObjectURL(url);
  };
  const mark = (number: number) =>
    setQuery(
      before => {
        const next = new URLSearchParams(before);
        next.set('line', String(number));
        return next;
      },
      { replace: true },
    );
  return (
    <div className={styles.stack} style={{ gap: 8 }}>
      <div className={styles.row}>
        <SearchField
          aria-label="Search the log"
          placeholder="Search the log"
          size="small"
          value={search}
          onChange={setSearch}
        />
        <Button
          size="small"
          variant="secondary"
          onPress={() => setFollowing(!following)}
        >
          {following ? 'Pause' : 'Follow'}
        </Button>
        <Button size="small" variant="secondary" onPress={download}>
          Download
        </Button>
        <span className={styles.muted} role="status">
          {search
            ? `${found.length} of ${lines.length} lines`
            : found.length > shownLines
            ? `The last ${shownLines} of ${lines.length} lines; download for all`
            : ''}
        </span>
      </div>
      <div
        ref={frame}
        className={`${styles.code} ${styles.log}`}
        style={{ maxHeight: 420 }}
        tabIndex={0}
        role="log"
        aria-label="Log"
        onScroll={event => {
          const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
          setFollowing(scrollHeight - scrollTop - clientHeight < 24);
        }}
      >
        {text === '' && t('run.logEmpty')}
        {text !== '' &&
          shown.map(({ line, number }) => (
            <span
              key={number}
              className={`${styles.line} ${
                number === marked ? styles.marked : ''
              }`}
            >
              <a
                className={styles.lineNumber}
                href={`?node=${encodeURIComponent(node)}&line=${number}`}
                aria-label={`Line ${number}`}
                onClick={event => {
                  event.preventDefault();
                  mark(number);
                }}
              >
                {number}
              </a>
              {parseAnsi(line).map((part, i) => (
                // eslint-disable-next-line react/no-array-index-key
                <span
                  key={i}
                  style={{
                    color: part.colour,
                    fontWeight: part.bold ? 700 : undefined,
                  }}
                >
                  {part.text}
                </span>
              ))}
              {'\n'}
            </span>
          ))}
      </div>
    </div>
  );
}

/** Text of a log: grows by server-sent events, is read anew when the connection breaks. */
function useLog(run: string, node: string): string {
  const api = useApi(mlopsApiRef);
  const [log, setLog] = useState<{ node: string; text: string }>({
    node,
    text: '',
  });
  useEffect(() => {
    const ending = new AbortController();
    const follow = async (): Promise<void> => {
      try {
        let text = '';
        setLog({ node, text });
        for await (const part of api.followLog(run, node, ending.signal)) {
          text += part;
          setLog({ node, text });
        }
      } catch {
        if (ending.signal.aborted) return;
        await new Promise(resolve => setTimeout(resolve, 2_000));
        if (!ending.signal.aborted) await follow();
      }
    };
    follow();
    return () => ending.abort();
  }, [api, run, node]);
  return log.node === node ? log.text : '';
}
