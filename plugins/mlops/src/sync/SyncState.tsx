import type { SyncItem } from '@backstage-mlops/mlops-core';
import {
  RiCheckboxCircleFill,
  RiCloseCircleFill,
  RiRefreshLine,
} from '@remixicon/react';
import { useText } from '../translation';
import styles from '../ui/State.module.css';

const icons = {
  Synced: RiCheckboxCircleFill,
  OutOfSync: RiRefreshLine,
  Failed: RiCloseCircleFill,
} as const;
const tones = { Synced: 'good', OutOfSync: 'warn', Failed: 'bad' } as const;

/** How something stands against git, as icon and word. */
export function SyncState(props: {
  state: SyncItem['state'];
  message?: string;
}) {
  const { state, message } = props;
  const t = useText();
  const Icon = icons[state];
  return (
    <span className={`${styles.state} ${styles[tones[state]]}`} title={message}>
      <Icon size={16} aria-hidden className={styles.icon} />
      {t(`sync.state.${state}`)}
    </span>
  );
}
