import { Alert } from '@backstage/ui';
import type { ProjectDetail } from '@backstage-mlops/mlops-core';
import { useText } from '../translation';
import { shortCommit } from '../ui/figures';
import { Code } from '../ui/Panel';
import styles from './Faults.module.css';

/** All faults of a project's files at once, each with its place. */
export function Faults({ project }: { project: ProjectDetail }) {
  const t = useText();
  const faults = project.problems.filter(item => item.severity === 'error');
  if (faults.length === 0) return null;
  const { lastGoodCommit } = project;
  return (
    <Alert
      status="danger"
      icon
      title={t('project.faults', {
        count: faults.length,
        commit: shortCommit(project.commit),
      })}
      description={
        <div className={styles.faults}>
          {lastGoodCommit
            ? t('project.lastGood', { commit: shortCommit(lastGoodCommit) })
            : t('project.neverGood')}
          <ul>
            {faults.map(({ file, line, column, message }) => (
              <li key={`${file}:${line}:${column}:${message}`}>
                <Code>{`${file}:${line}:${column}`}</Code> {message}
              </li>
            ))}
          </ul>
        </div>
      }
    />
  );
}
