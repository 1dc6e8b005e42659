import { Alert } from '@backstage/ui';
import type { ProjectDetail } from '@backstage-mlops/mlops-core';
import { useText } from '../translation';
import { shortCommit } from '../ui/figures';
import { Code } from '../ui/Panel';
import { agoText } from '../ui/time';

/** Says that commits of the project were taken away from the main branch, and where they are kept. */
export function Rewritten({ project }: { project: ProjectDetail }) {
  const t = useText();
  if (!project.rewritten) return null;
  const { branch, lostCommit, commit, foundAt } = project.rewritten;
  return (
    <Alert
      status="warning"
      icon
      title={t('project.rewritten', { branch, when: agoText(t, foundAt) })}
      description={t('project.rewrittenMore', {
        lost: <Code whole>{shortCommit(lostCommit)}</Code>,
        commit: <Code whole>{shortCommit(commit)}</Code>,
        ref: <Code>{`refs/mlops/lost/${lostCommit}`}</Code>,
      })}
    />
  );
}
