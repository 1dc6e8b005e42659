import type { Run } from '@backstage-mlops/mlops-core';
import { useMemo, useState, type KeyboardEvent } from 'react';
import type { Step } from '../pipelines/stepTree';
import { useText } from '../translation';
import { roundTimeText } from '../ui/time';
import { isOver } from './runSentence';
import { toTimeline, type Timeline, type TimelineRow } from './timeline';
import { TimelineLine } from './TimelineLine';
import styles from './TimelineView.module.css';
import { useNow } from './useNow';

/** When each step ran, under one axis. Rows are buttons; arrow keys go from row to row, and Tab out of them. */
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
  const [focused, setFocused] = useState<string>();
  const timeline = useMemo(
    () => toTimeline(steps, run.nodes, { now, open, chosen: selected }),
    [steps, run.nodes, now, open, selected],
  );
  const toggle = (id: string) => {
    const next = new Set(open);
    if (!next.delete(id)) next.add(id);
    setOpen(next);
  };
  const isChosen = (row: TimelineRow) =>
    selected !== undefined && selected === row.nodeId && !row.triedAgain;
  const { rows } = timeline;
  const stop =
    rows.find(row => row.id === focused) ?? rows.find(isChosen) ?? rows[0];
  return (
    <div className={styles.frame}>
      <Axis timeline={timeline} />
      <ul className={styles.rows} aria-label={t('run.timeline')}>
        {rows.map(row => (
          <li key={row.id}>
            <TimelineLine
              row={row}
              length={timeline.length}
              selected={isChosen(row)}
              tabIndex={row === stop ? 0 : -1}
              onFocus={() => setFocused(row.id)}
              onKeyDown={moveAmongRows}
              onPress={() => (row.loop ? toggle(row.id) : onSelect(row))}
            />
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Arrow keys go to the row above or below, Home and End to the first and the last. */
function moveAmongRows(event: KeyboardEvent<HTMLElement>): void {
  const list = event.currentTarget.closest('ul');
  const rows = [...(list?.querySelectorAll<HTMLElement>('button') ?? [])];
  const at = rows.indexOf(event.currentTarget);
  const places: Record<string, number> = {
    ArrowDown: Math.min(at + 1, rows.length - 1),
    ArrowUp: Math.max(at - 1, 0),
    Home: 0,
    End: rows.length - 1,
  };
  const place = places[event.key];
  if (place === undefined) return;
  event.preventDefault();
  rows[place].focus();
}

function Axis({ timeline }: { timeline: Timeline }) {
  const t = useText();
  const { length, marks } = timeline;
  return (
    <div className={styles.axis} aria-hidden>
      <span />
      <div className={styles.marks}>
        {marks.map(mark => (
          <span
            key={mark}
            className={styles.mark}
            style={{ left: `${(mark / length) * 100}%` }}
          >
            {roundTimeText(t, mark)}
          </span>
        ))}
      </div>
      <span />
    </div>
  );
}
