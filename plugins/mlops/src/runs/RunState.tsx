import type { Run } from '@backstage-mlops/mlops-core';
import { type Text, useText } from '../translation';
import { nameOf } from '../ui/figures';
import { StateIcon, toneOf } from '../ui/State';
import stateStyles from '../ui/State.module.css';
import { isStopped } from './runSentence';

/** Icon, colour and word for the state of a run. A stop by a person is no failure. */
export function toRunState(t: Text, run: Pick<Run, 'phase' | 'message'>) {
  return isStopped(run)
    ? { phase: 'Skipped' as const, word: t('run.stoppedState') }
    : { phase: run.phase, word: t(`phase.${run.phase}`) };
}

/** The state of a run as icon and word. */
export function RunState(props: { run: Pick<Run, 'phase' | 'message'> }) {
  const { phase, word } = toRunState(useText(), props.run);
  return (
    <span className={`${stateStyles.state} ${toneOf(phase)}`}>
      <StateIcon phase={phase} />
      {word}
    </span>
  );
}

/** Who or what started a run. */
export function starterOf(t: Text, { trigger }: Pick<Run, 'trigger'>): string {
  switch (trigger.kind) {
    case 'schedule':
      return t('run.schedule', { name: trigger.by });
    case 'cluster':
      return t('run.beside', { name: trigger.by });
    case 'first-run':
      return t('run.firstRun');
    default:
      return nameOf(trigger.by);
  }
}
