import { useText } from '../translation';
import { State } from '../ui/State';
import { Took } from '../ui/When';
import type { Step } from './stepTree';
import { planWords, runWords } from './stepWords';
import styles from './StepList.module.css';

/** What was never begun took no time. */
const skipped = new Set(['Skipped', 'Omitted']);

/** The steps as a tree of buttons: the way through a run without a pointer. */
export function StepList(props: {
  steps: Step[];
  ofRun?: boolean;
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
  ofRun?: boolean;
  selected?: string;
  onSelect(step: Step): void;
}) {
  const { step, ofRun, selected, onSelect } = props;
  const t = useText();
  const words = ofRun ? runWords(t, step) : planWords(t, step);
  const detail = !ofRun || step.round || step.when;
  return (
    <button
      type="button"
      className={styles.row}
      aria-pressed={
        ofRun ? selected !== undefined && selected === step.nodeId : undefined
      }
      title={words.full}
      onClick={() => onSelect(step)}
    >
      <span className={styles.name}>
        {step.name}
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
