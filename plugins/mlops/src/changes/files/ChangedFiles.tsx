import { lineDiff } from '@backstage-mlops/mlops-core';
import { useText } from '../../translation';
import { DiffText } from '../../ui/DiffText';
import { Note } from '../../ui/Panel';
import { Judged } from '../../ui/State';
import { EffectPane } from '../editor/EffectPane';
import type { EffectState } from '../effect/useEffectOf';
import { stateOf, type FilesDraft } from './filesDraft';
import styles from './Files.module.css';

/** The lines that the edit changes, file by file, and below them what that does. */
export function ChangedFiles(props: {
  folder: string;
  files: FilesDraft['files'];
  state: EffectState;
  project: string;
  /** The file that is open. */
  open?: string;
  onLine(line: number, column?: number): void;
}) {
  const { folder, files, state, project, open = '', onLine } = props;
  const t = useText();
  const paths = Object.keys(files).sort();
  if (paths.length === 0) return <Note>{t('files.unchanged')}</Note>;
  return (
    <div className={styles.changed}>
      {paths.map(path => {
        const { original, text } = files[path];
        const how = stateOf(files[path]);
        const diff = lineDiff(original ?? undefined, text ?? undefined);
        return (
          <section key={path} aria-label={path} className={styles.diff}>
            <h3>
              {path.slice(folder.length + 1)}
              {how !== 'modified' && how && (
                <Judged as={how === 'added' ? 'good' : 'bad'}>
                  {t(`files.state.${how}`)}
                </Judged>
              )}
            </h3>
            {diff ? (
              <DiffText label={path} diff={diff} />
            ) : (
              <Note>{t('files.noLines')}</Note>
            )}
          </section>
        );
      })}
      <EffectPane
        state={state}
        changed
        project={project}
        file={open}
        onLine={onLine}
      />
    </div>
  );
}
