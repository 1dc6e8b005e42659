import { Alert } from '@backstage/ui';
import type { ProjectSummary } from '@backstage-mlops/mlops-core';
import { useText } from '../translation';
import { agoText } from '../ui/time';

/** Says that the repository cannot be read, and how old what is shown is. */
export function OutdatedNote({ project }: { project?: ProjectSummary }) {
  const t = useText();
  if (!project?.outdated) return null;
  const { since, reason, branch } = project.outdated;
  return (
    <Alert
      status="warning"
      icon
      title={
        reason === 'no-branch'
          ? t('project.noBranch', { branch })
          : t('project.unreadable')
      }
      description={t('project.outdated', { when: agoText(t, since) })}
    />
  );
}
