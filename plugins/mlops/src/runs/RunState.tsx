import type { Run } from '@backstage-mlops/mlops-core';
import { type Text, useText } from '../translation';
import { nameOf } from '../ui/figures';
import { State, StateIcon, toneOf } from '../ui/State';
import stateStyles from '../ui/State.module.css';
import { isStopped } from './runSentence';

/** The state of a run as icon and word. A stop by a person is no failure. */
export function RunState(props: { run: Pick<Run, 'phase' | 'message'> }) {
  const { phase } = props.run;
  const t = useText();
  if (!isStopped(props.run)) return <State phase={phase} />;
  return (
    <span className={`${stateStyles.state} ${toneOf('Skipped')}`}>
      <StateIcon phase="Skipped" />
      {t('run.stoppedState')}
    </span>
  );
}

/** Who or what started a run. */
export function starterOf(t: Text, { trigger }: Pick<Run, 'trigger'>): string {
  return trigger.kind === 'schedule'
    ? t('run.schedule', { name: trigger.by })
    : nameOf(trigger.by);
}
