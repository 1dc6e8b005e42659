/* Labels and annotations that tie a Workflow to its run, its project and the neighbours' plugins. */

const argo = 'workflows.argoproj.io';

/** Id of the portal's run. */
export const runLabel = 'backstage-mlops/run';
/** Name of the project. */
export const projectLabel = 'backstage-mlops/project';
/** Name of the pipeline. */
export const pipelineLabel = 'backstage-mlops/pipeline';
/** Name of the schedule that starts a workflow. */
export const scheduleLabel = 'backstage-mlops/schedule';
/** What Backstage's kubernetes plugin looks for. */
export const kubernetesLabel = 'backstage.io/kubernetes-id';
/** Digest of the spec that the portal asked for. */
export const digestAnnotation = 'backstage-mlops/spec-digest';
export const commitAnnotation = 'backstage-mlops/commit';
export const fileAnnotation = 'backstage-mlops/file';
/** Entity reference of who started it. */
export const startedByAnnotation = 'backstage-mlops/started-by';

/** Names of the files that templates refer to, by their names on the cluster. */
export const namesAnnotation = 'backstage-mlops/template-names';
/** Which repository asks for an object. */
export const sourceLabel = 'backstage-mlops/source';
/** Of a template that some runs need as it was at their commit. */
export const pinnedLabel = 'backstage-mlops/pinned';
/** When a run last asked for such a template; ISO 8601. */
export const usedAnnotation = 'backstage-mlops/used-at';
/** How often a workflow began again that the controller ended for want of a template that it had not heard of. */
export const begunAgainAnnotation = 'backstage-mlops/begun-again';
export const managedByLabel = 'app.kubernetes.io/managed-by';
/** What stands in `managedByLabel`. */
export const portal = 'backstage-mlops';

export const instanceLabel = `${argo}/controller-instanceid`;
export const cronLabel = `${argo}/cron-workflow`;
export const scheduledAnnotation = `${argo}/scheduled-time`;
export const completedLabel = `${argo}/completed`;
export const phaseLabel = `${argo}/phase`;
export const archivingLabel = `${argo}/workflow-archiving-status`;
export const creatorLabel = `${argo}/creator`;
export const templateLabel = `${argo}/workflow-template`;
export const workflowLabel = `${argo}/workflow`;
export const actorLabel = `${argo}/actor`;
export const actionLabel = `${argo}/action`;

/**
 * A text as a label's value: other signs become `-`, the last 63 stay, ends are letters or digits. Source: Argo's
 * workflow/creator.
 */
export function toLabelValue(text: string): string {
  return text
    .replace(/@/g, '.at.')
    .replace(/[^-_.a-zA-Z0-9]/g, '-')
    .slice(-63)
    .replace(/^[^a-zA-Z0-9]+|[^a-zA-Z0-9]+$/g, '');
}
