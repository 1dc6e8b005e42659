import { RiArrowDownSLine, RiArrowRightSLine } from '@remixicon/react';
import type { KeyboardEvent } from 'react';
import { countsText } from '../pipelines/stepWords';
import { useText, type Text } from '../translation';
import { StateIcon, toneOf } from '../ui/State';
import { durationText, roundTimeText } from '../ui/time';
import type { TimelineRow } from './timeline';
import styles from './TimelineView.module.css';

/** A wait below this is not worth a word. */
const shortestWaitMs = 1000;

/** One row of the timeline: name and state, the bar, how long it took. */
export function TimelineLine(props: {
  row: TimelineRow;
  length: number;
  selected: boolean;
  tabIndex: number;
  onFocus(): void;
  onKeyDown(event: KeyboardEvent<HTMLElement>): void;
  onPress(): void;
}) {
  const { row, length, selected } = props;
  const t = useText();
  const text = rowText(t, row);
  return (
    <button
      type="button"
      className={styles.row}
      aria-label={text}
      title={text}
      aria-expanded={row.loop?.open}
      aria-pressed={row.loop ? undefined : selected}
      tabIndex={props.tabIndex}
      onFocus={props.onFocus}
      onKeyDown={props.onKeyDown}
      onClick={props.onPress}
    >
      <span className={styles.name} style={{ paddingLeft: row.depth * 12 }}>
        <Sign row={row} />
        <span className={styles.text}>
          {row.attempt
            ? t('node.attempt', { number: String(row.attempt) })
            : row.name}
          {row.loop && (
            <span className={styles.counts}>
              {countsText(t, row.loop.counts)}
            </span>
          )}
        </span>
      </span>
      <Track row={row} length={length} />
      <span className={styles.took}>
        {row.phase === 'Pending' && !row.loop
          ? t('phase.Pending')
          : durationText(t, row.to - row.from)}
      </span>
    </button>
  );
}

/** The state as an icon; of a loop, whether it is open: its counts are words. */
function Sign({ row }: { row: TimelineRow }) {
  const Arrow = row.loop?.open ? RiArrowDownSLine : RiArrowRightSLine;
  return (
    <span className={`${styles.sign} ${toneOf(row.phase)}`}>
      {row.loop ? (
        <Arrow size={16} aria-hidden />
      ) : (
        <StateIcon phase={row.phase} />
      )}
    </span>
  );
}

function Track({ row, length }: { row: TimelineRow; length: number }) {
  const { waitsFrom, from, to, phase, isGroup } = row;
  const place = (begin: number, end: number) => ({
    left: `${(begin / length) * 100}%`,
    width: `${((end - begin) / length) * 100}%`,
  });
  const failed = phase === 'Failed' || phase === 'Error';
  return (
    <span className={styles.track}>
      {waitsFrom < from && (
        <span className={styles.wait} style={place(waitsFrom, from)} />
      )}
      {phase !== 'Pending' && (
        <span
          className={[
            styles.bar,
            toneOf(phase),
            isGroup ? styles.group : '',
            failed ? styles.failed : '',
          ].join(' ')}
          style={place(from, to)}
        />
      )}
    </span>
  );
}

function nameText(t: Text, { name, attempt }: TimelineRow): string {
  if (!attempt) return name;
  return t('run.timelineAttempt', { name, number: String(attempt) });
}

/** Everything that a row shows, in words: `train, Succeeded, from 2 s to 14 s`. */
function rowText(t: Text, row: TimelineRow): string {
  const { phase, loop, waitsFrom, from, to } = row;
  const name = nameText(t, row);
  const state = loop ? countsText(t, loop.counts) : t(`phase.${phase}`);
  if (phase === 'Pending')
    return t('run.timelineSince', {
      name,
      state,
      from: roundTimeText(t, waitsFrom),
    });
  const text =
    phase === 'Running'
      ? t('run.timelineSince', { name, state, from: roundTimeText(t, from) })
      : t('run.timelineRow', {
          name,
          state,
          from: roundTimeText(t, from),
          to: roundTimeText(t, to),
        });
  if (from - waitsFrom < shortestWaitMs) return text;
  const time = roundTimeText(t, from - waitsFrom);
  return t('run.timelineWaited', { row: text, time });
}
