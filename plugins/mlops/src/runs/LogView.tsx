import { useApi } from '@backstage/core-plugin-api';
import { Button, SearchField } from '@backstage/ui';
import { useMemo, useState } from 'react';
import { logRoute } from '../api/MlopsClient';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { useQuery, useQueryLink } from '../routing';
import { useText } from '../translation';
import { saveFile } from '../ui/saveFile';
import { LogLines } from './LogLines';
import { findErrorLine, searchLines } from './LogText';
import styles from './LogView.module.css';
import { useLog, type Log } from './useLog';

/** The log of a step as it grows. It follows the end until the reader scrolls up. */
export function LogView(props: {
  run: string;
  node: { id: string; failed: boolean; begun: boolean };
}) {
  const { run, node } = props;
  const [query, change] = useQuery();
  const link = useQueryLink();
  // The step that is shown by itself is named too: another may be the first to look at tomorrow.
  const placeOf = (line: number) => ({ node: node.id, tab: 'log', line });
  const log = useLog(run, node.id, node.begun);
  const find = query.get('find') ?? '';
  const shown = useMemo(() => searchLines(log.lines, find), [log.lines, find]);
  const marked = markedLine(query.get('line'), log, node.failed);
  const [following, setFollowing] = useState(true);
  // Who was sent to a line wants to read that line.
  const follows = following && marked === undefined && find === '';
  return (
    <div className={styles.view}>
      <Tools
        {...{ run, node: node.id, find, follows, log, found: shown.length }}
        onFind={text => change({ find: text })}
        onFollow={next => {
          setFollowing(next);
          if (next) change({ line: undefined, find: undefined });
        }}
      />
      <LogLines
        lines={shown}
        empty={<Emptiness log={log} />}
        words={find}
        marked={marked}
        follows={follows}
        onScrolledUp={() => setFollowing(false)}
        onScrolledDown={() => setFollowing(true)}
        onMark={number => change(placeOf(number))}
        addressOf={number => link(placeOf(number))}
      />
    </div>
  );
}

/** The line that the address names; of a failed step without such a name, the one that says what went wrong. */
function markedLine(
  asked: string | null,
  log: Log,
  failed: boolean,
): number | undefined {
  const number = Number(asked);
  if (Number.isInteger(number) && number > 0) return number;
  return failed && log.complete ? findErrorLine(log.lines) : undefined;
}

function Emptiness({ log }: { log: Log }) {
  const t = useText();
  return <>{log.complete ? t('log.nothing') : t('log.empty')}</>;
}

function Tools(props: {
  run: string;
  node: string;
  find: string;
  found: number;
  follows: boolean;
  log: Log;
  onFind(text: string): void;
  onFollow(next: boolean): void;
}) {
  const { run, node, find, follows, log, onFind, onFollow } = props;
  const api = useApi(mlopsApiRef);
  const t = useText();
  return (
    <div className={styles.tools}>
      <SearchField
        size="small"
        aria-label={t('log.search')}
        placeholder={t('log.search')}
        value={find}
        onChange={onFind}
      />
      {!log.complete && (
        <Button
          size="small"
          variant="secondary"
          onPress={() => onFollow(!follows)}
        >
          {follows ? t('log.pause') : t('log.follow')}
        </Button>
      )}
      <Button
        size="small"
        variant="secondary"
        onPress={async () =>
          saveFile(await api.readBlob(logRoute(run, node)), `${node}.log`)
        }
      >
        {t('log.download')}
      </Button>
      {/* A growing count is seen; only what the reader did or must know is said aloud. */}
      {find === '' && (
        <span>{t('log.lines', { count: log.lines.length })}</span>
      )}
      <span role="status">
        {find !== '' &&
          t('log.found', {
            found: String(props.found),
            all: String(log.lines.length),
          })}{' '}
        {log.broken && t('log.lost')}
        {!log.complete && !log.broken && !follows && t('log.paused')}
      </span>
    </div>
  );
}
