import {
  RiCheckboxCircleFill,
  RiCircleLine,
  RiCloseCircleFill,
  RiIndeterminateCircleLine,
  RiLoader4Line,
  RiTimeLine,
} from '@remixicon/react';
import { useText } from '../translation';
import styles from './State.module.css';

/** Phases of Argo, and what has not begun. */
export type ShownPhase =
  | 'Pending'
  | 'Running'
  | 'Succeeded'
  | 'Failed'
  | 'Error'
  | 'Skipped'
  | 'Omitted'
  | 'Planned';

const icons = {
  Pending: RiTimeLine,
  Running: RiLoader4Line,
  Succeeded: RiCheckboxCircleFill,
  Failed: RiCloseCircleFill,
  Error: RiCloseCircleFill,
  Skipped: RiIndeterminateCircleLine,
  Omitted: RiIndeterminateCircleLine,
  Planned: RiCircleLine,
} as const;

/** Class that gives a phase its colour; icon and word say the same. */
export function toneOf(phase: ShownPhase): string {
  switch (phase) {
    case 'Succeeded':
      return styles.good;
    case 'Failed':
    case 'Error':
      return styles.bad;
    case 'Running':
      return styles.active;
    default:
      return styles.quiet;
  }
}

/** The icon of a phase. */
export function StateIcon(props: { phase: ShownPhase; size?: number }) {
  const { phase, size = 16 } = props;
  const Icon = icons[phase];
  return (
    <Icon
      size={size}
      aria-hidden
      className={`${styles.icon} ${phase === 'Running' ? styles.turning : ''}`}
    />
  );
}

/** A phase as icon and word. */
export function State({ phase }: { phase: ShownPhase }) {
  const t = useText();
  return (
    <span className={`${styles.state} ${toneOf(phase)}`}>
      <StateIcon phase={phase} />
      {t(`phase.${phase}`)}
    </span>
  );
}

/** A word that is good, a warning or bad; the word says it, the colour repeats it. */
export function Judged(props: {
  as: 'good' | 'warn' | 'bad' | 'quiet';
  children: React.ReactNode;
}) {
  return <span className={styles[props.as]}>{props.children}</span>;
}
