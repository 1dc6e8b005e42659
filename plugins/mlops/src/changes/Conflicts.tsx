import type { Change } from '@backstage-mlops/mlops-core';
import { useText } from '../translation';
import { Note, Panel } from '../ui/Panel';
import styles from './Change.module.css';

/** Lines that both branches changed differently, hunk by hunk. */
export function Conflicts({ change }: { change: Change }) {
  const { conflicts = [], branch, target } = change;
  const t = useText();
  if (conflicts.length === 0) return null;
  const lines = (text: string[]) =>
    text.length > 0 ? text.join('\n') : t('change.nothing');
  return (
    <Panel title={t('change.conflicts')} tone="danger">
      <Note>{t('change.conflictsNote')}</Note>
      {conflicts.map(({ path, line, ours, base, theirs }) => {
        const place = t('change.conflictPlace', { path, line: String(line) });
        const sides: [string, string[]][] = [
          [t('change.ours', { target }), ours],
          [t('change.base'), base],
          [t('change.theirs', { branch }), theirs],
        ];
        return (
          <section key={`${path}:${line}`} aria-label={place}>
            <strong>{place}</strong>
            <div className={styles.sides}>
              {sides.map(([name, text]) => (
                <figure key={name}>
                  <figcaption>{name}</figcaption>
                  <pre>{lines(text)}</pre>
                </figure>
              ))}
            </div>
          </section>
        );
      })}
    </Panel>
  );
}
