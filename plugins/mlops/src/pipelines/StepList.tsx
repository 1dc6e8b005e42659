import { useText } from '../translation';
import { State } from '../ui/State';
import { Took } from '../ui/When';
import type { Step } from './stepTree';
import styles from './StepList.module.css';

/** The steps as a tree of buttons: the way through a run without a pointer. */
export function StepList(props: {
  steps: Step[];
  selected?: string;
  onSelect(step: Step): void;
}) {
  const t = useText();
  return (
    <ul className={styles.list} aria-label={t('pipeline.steps')}>
      {props.steps.map(step => (
        <li key={step.id}>
          <Row {...props} step={step} />
          {step.members.length > 0 && (
            <StepList {...props} steps={step.members} />
          )}
        </li>
      ))}
    </ul>
  );
}

function Row(props: {
  step: Step;
  selected?: string;
  onSelect(step: Step): void;
}) {
  const { step, selected, onSelect } = props;
  return (
    <button
      type="button"
      className={styles.row}
      aria-pressed={selected !== undefined && selected === step.nodeId}
      onClick={() => onSelect(step)}
    >
      <span className={styles.name}>
        {step.name}
        {step.detail && <span className={styles.detail}>{step.detail}</span>}
      </span>
      <span className={styles.took}>
        {step.startedAt && step.finishedAt && (
          <Took from={step.startedAt} to={step.finishedAt} />
        )}
      </span>
      <State phase={step.phase} />
    </button>
  );
}
