import { RiArrowDownSLine, RiArrowRightSLine } from '@remixicon/react';
import type { Run } from '@backstage-mlops/mlops-core';
import { useMemo, useState, type KeyboardEvent } from 'react';
import type { Step } from '../pipelines/stepTree';
import { countsText } from '../pipelines/stepWords';
import { useText } from '../translation';
import { StateIcon, toneOf } from '../ui/State';
import { durationText } from '../ui/time';
import { isOver } from './runSentence';
import { toTimeline, type Timeline, type TimelineRow } from './timeline';
import styles from './TimelineView.module.css';
import { useNow } from './useNow';

/** When each step ran, under one axis. Rows are buttons; arrow keys go from row to row. */
export function TimelineView(props: {
  run: Run;
  steps: Step[];
  selected?: string;
  onSelect(step: Pick<Step, 'nodeId'>): void;
}) {
  const { run, steps, selected, onSelect } = props;
  const t = useText();
  const now = useNow(!isOver(run));
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const timeline = useMemo(
    () => toTimeline(steps, run.nodes, { now, open }),
    [steps, run.nodes, now, open],
  );
  const toggle = (id: string) => {
    const next = new Set(open);
    if (!next.delete(id)) next.add(id);
    setOpen(next);
  };
  return (
    <div className={styles.frame}>
      <Axis timeline={timeline} />
      <ul
        className={styles.rows}
        aria-label={t('run.timeline')}
        onKeyDown={moveAmongRows}
      >
        {timeline.rows.map(row => (
          <li key={row.id}>
            <Row
              row={row}
              length={timeline.length}
              selected={selected !== undefined && selected === row.nodeId}
              onPress={() => (row.loop ? toggle(row.id) : onSelect(row))}
            />
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Arrow keys go to the row above or below. */
function moveAmongRows(event: KeyboardEvent<HTMLElement>): void {
  const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!way) return;
  event.preventDefault();
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('button')];
  rows[rows.indexOf(event.target as HTMLElement) + way]?.focus();
}

function Axis({ timeline }: { timeline: Timeline }) {
  const t = useText();
  return (
    <div className={styles.axis} aria-hidden>
      <span />
      <div className={styles.marks}>
        {timeline.marks.map(mark => (
          <span
            key={mark}
            className={styles.mark}
            style={{ left: `${(mark / timeline.length) * 100}%` }}
          >
            {mark === 0 ? '0' : durationText(t, mark).replace('.0', '')}
          </span>
        ))}
      </div>
    </div>
  );
}

function Row(props: {
  row: TimelineRow;
  length: number;
  selected: boolean;
  onPress(): void;
}) {
  const { row, length, selected, onPress } = props;
  const t = useText();
  const share = (ms: number) => `${(ms / length) * 100}%`;
  const name = row.attempt
    ? t('run.timelineAttempt', { name: row.name, number: String(row.attempt) })
    : row.name;
  const state = row.loop
    ? countsText(t, row.loop.counts)
    : t(`phase.${row.phase}`);
  const Arrow = row.loop?.open ? RiArrowDownSLine : RiArrowRightSLine;
  return (
    <button
      type="button"
      className={styles.row}
      aria-label={t('run.timelineRow', {
        name,
        state,
        from: durationText(t, row.from),
        to: durationText(t, row.to),
      })}
      aria-expanded={row.loop?.open}
      aria-pressed={row.loop ? undefined : selected}
      onClick={onPress}
    >
      <span className={styles.name} style={{ paddingLeft: row.depth * 12 }}>
        <span className={toneOf(row.phase)}>
          {row.loop ? (
            <Arrow size={16} aria-hidden />
          ) : (
            <StateIcon phase={row.phase} />
          )}
        </span>
        <span className={styles.text} title={name}>
          {name}
        </span>
      </span>
      <span className={styles.track}>
        <span
          className={`${styles.bar} ${row.isGroup ? styles.group : ''} ${toneOf(
            row.phase,
          )}`}
          style={{ left: share(row.from), width: share(row.to - row.from) }}
        />
        <span
          className={styles.took}
          style={
            row.to / length > 0.8
              ? { right: `${100 - (row.from / length) * 100}%` }
              : { left: share(row.to) }
          }
        >
          {row.loop ? state : durationText(t, row.to - row.from)}
        </span>
      </span>
    </button>
  );
}
