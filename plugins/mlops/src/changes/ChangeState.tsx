import type { ChangeSummary } from '@backstage-mlops/mlops-core';
import {
  RiCheckboxCircleFill,
  RiCloseCircleFill,
  RiCloseCircleLine,
  RiDraftLine,
  RiGitMergeLine,
  RiGitPullRequestLine,
  RiIndeterminateCircleLine,
  RiLoader4Line,
} from '@remixicon/react';
import { useText } from '../translation';
import styles from '../ui/State.module.css';

const looks = {
  open: { Icon: RiGitPullRequestLine, tone: styles.good },
  draft: { Icon: RiDraftLine, tone: styles.quiet },
  merged: { Icon: RiGitMergeLine, tone: styles.active },
  closed: { Icon: RiCloseCircleLine, tone: styles.bad },
} as const;

/** The state of a request as icon, word and colour. */
export function ChangeState(props: {
  of: Pick<ChangeSummary, 'state' | 'draft'>;
  size?: number;
}) {
  const { of, size = 16 } = props;
  const t = useText();
  const state = of.state === 'open' && of.draft ? 'draft' : of.state;
  const { Icon, tone } = looks[state];
  return (
    <span className={`${styles.state} ${tone}`}>
      <Icon size={size} aria-hidden className={styles.icon} />
      {t(`change.state.${state}`)}
    </span>
  );
}

const checkLooks = {
  none: { Icon: RiIndeterminateCircleLine, tone: styles.quiet },
  pending: { Icon: RiLoader4Line, tone: styles.active },
  passed: { Icon: RiCheckboxCircleFill, tone: styles.good },
  failed: { Icon: RiCloseCircleFill, tone: styles.bad },
} as const;

/** The state of checks as icon, word and colour. */
export function CheckState({ of }: { of: ChangeSummary['checksState'] }) {
  const t = useText();
  const { Icon, tone } = checkLooks[of];
  return (
    <span className={`${styles.state} ${tone}`}>
      <Icon
        size={16}
        aria-hidden
        className={`${styles.icon} ${of === 'pending' ? styles.turning : ''}`}
      />
      {t(`changes.checks.${of}`)}
    </span>
  );
}
