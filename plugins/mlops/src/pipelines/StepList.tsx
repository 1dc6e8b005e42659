import { RiArrowDownSLine, RiArrowRightSLine } from '@remixicon/react';
import { useState } from 'react';
import { useText } from '../translation';
import { State } from '../ui/State';
import { Took } from '../ui/When';
import { foldRounds, type Entry } from './foldRounds';
import { below, type Step } from './stepTree';
import { countsText, planWords, runWords } from './stepWords';
import styles from './StepList.module.css';

/** What was never begun took no time. */
const skipped = new Set(['Skipped', 'Omitted']);

/** The steps as a tree of buttons: the way through a run without a pointer. */
export function StepList(props: Chosen & { steps: Step[] }) {
  const t = useText();
  return (
    <ul className={styles.list} aria-label={t('pipeline.steps')}>
      {foldRounds(props.steps, props.selected).map(entry =>
        entry.kind === 'loop' ? (
          <Loop key={entry.id} {...props} loop={entry} />
        ) : (
          <One key={entry.step.id} {...props} step={entry.step} />
        ),
      )}
    </ul>
  );
}

interface Chosen {
  ofRun?: boolean;
  selected?: string;
  onSelect(step: Step): void;
}

function One(props: Chosen & { step: Step }) {
  const inside = below(props.step);
  return (
    <li>
      <Row {...props} />
      {inside.length > 0 && <StepList {...props} steps={inside} />}
    </li>
  );
}

/** A loop with many rounds: how they stand, and those that failed; all of them on demand. */
function Loop(props: Chosen & { loop: Extract<Entry, { kind: 'loop' }> }) {
  const { loop } = props;
  const t = useText();
  const [open, setOpen] = useState(false);
  const shown = open ? loop.rounds : loop.kept;
  const Arrow = open ? RiArrowDownSLine : RiArrowRightSLine;
  return (
    <li>
      <button
        type="button"
        className={styles.row}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <span className={styles.name}>
          <Arrow size={16} aria-hidden className={styles.arrow} />
          {loop.name}
          <span className={styles.detail}>
            {t('pipeline.rounds', { count: loop.rounds.length })}
            {props.ofRun && `: ${countsText(t, loop.counts)}`}
          </span>
        </span>
        <span />
        {props.ofRun && <State phase={loop.phase} />}
      </button>
      {shown.length > 0 && (
        <ul className={styles.list}>
          {shown.map(step => (
            <One key={step.id} {...props} step={step} />
          ))}
        </ul>
      )}
    </li>
  );
}

function Row(props: {
  step: Step;
  ofRun?: boolean;
  selected?: string;
  onSelect(step: Step): void;
}) {
  const { step, ofRun, selected, onSelect } = props;
  const t = useText();
  const words = ofRun ? runWords(t, step) : planWords(t, step);
  const detail = !ofRun || step.round || step.when;
  // A step that was tried again is as chosen as its last attempt, which has a row of its own.
  const chosen =
    selected !== undefined && selected === step.nodeId && !step.attempts;
  return (
    <button
      type="button"
      className={styles.row}
      aria-pressed={ofRun ? chosen : undefined}
      title={words.full}
      onClick={() => onSelect(step)}
    >
      <span className={styles.name}>
        {step.attempt
          ? t('node.attempt', { number: String(step.attempt) })
          : step.name}
        {detail && <span className={styles.detail}>{words.short}</span>}
      </span>
      <span className={styles.took}>
        {step.startedAt && step.finishedAt && !skipped.has(step.phase) && (
          <Took from={step.startedAt} to={step.finishedAt} />
        )}
      </span>
      {ofRun && <State phase={step.phase} />}
    </button>
  );
}
