import { RiAddLine, RiPencilLine, RiSubtractLine } from '@remixicon/react';
import { useText } from '../translation';
import styles from './StepSign.module.css';

/** What a change does to a step. */
export type StepMark = 'added' | 'removed' | 'changed';

const icons = {
  added: RiAddLine,
  removed: RiSubtractLine,
  changed: RiPencilLine,
} as const;

/** A mark as sign, word and colour, so that none of them is needed alone. */
export function StepSign({ mark }: { mark: StepMark }) {
  const t = useText();
  const Icon = icons[mark];
  return (
    <span className={`${styles.sign} ${styles[mark]}`}>
      <Icon size={16} aria-hidden />
      {t(`pipeline.mark.${mark}`)}
    </span>
  );
}
