import { Alert } from '@backstage/ui';
import { Outline } from '../../ui/Fetched';
import { useText } from '../../translation';
import { Note } from '../../ui/Panel';
import effectStyles from '../effect/Effect.module.css';
import { EffectView } from '../effect/EffectView';
import type { EffectState } from '../effect/useEffectOf';
import styles from './Editor.module.css';

/** What the edit would do, while it is typed. */
export function EffectPane(props: {
  state: EffectState;
  /** False while the text is that of git. */
  changed: boolean;
  project: string;
  file: string;
  onLine(line: number, column?: number): void;
}) {
  const { state, changed, project, file, onLine } = props;
  const { effect, fault, stale } = state;
  const t = useText();
  if (!changed) return <Note>{t('effect.unchanged')}</Note>;
  return (
    <>
      <span className={styles.announced} role="status">
        {stale ? t('effect.working') : t('effect.upToDate')}
      </span>
      {fault && (
        <Alert
          status="danger"
          icon
          title={t('effect.failed')}
          description={fault}
        />
      )}
      {!effect && !fault && <Outline what={t('effect.title')} />}
      {effect && !fault && (
        <div
          className={`${styles.effect} ${stale ? effectStyles.busy : ''}`}
          aria-busy={stale}
        >
          <EffectView
            effect={effect}
            project={project}
            file={file}
            onLine={onLine}
          />
        </div>
      )}
    </>
  );
}
