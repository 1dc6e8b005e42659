import type { Workflow } from '../types';

/** Finds a file of templates by name; `clusterScope` asks for a ClusterWorkflowTemplate. @public */
export type TemplateLookup = (
  name: string,
  clusterScope: boolean,
) => Record<string, any> | undefined;

/**
 * A Workflow with the file that its `workflowTemplateRef` names put under its own fields. The submitter's arguments win. Error
 * when there is no such file.
 *
 * @public
 */
export function resolveWorkflow(
  workflow: Workflow,
  templates: TemplateLookup,
): Workflow {
  const ref = workflow.spec.workflowTemplateRef;
  if (!ref) return workflow;
  const file = templates(ref.name, Boolean(ref.clusterScope));
  if (!file)
    throw new Error(
      `${
        ref.clusterScope ? 'clusterworkflowtemplates' : 'workflowtemplates'
      }.argoproj.io "${ref.name}" not found`,
    );
  const { workflowTemplateRef: _ref, ...own } = workflow.spec;
  return {
    ...workflow,
    spec: {
      ...structuredClone(file.spec),
      ...own,
      arguments: mergeArguments(file.spec.arguments, own.arguments),
    },
  };
}

function mergeArguments(below: any, above: any) {
  const merge = (key: string) => {
    const own: any[] = above?.[key] ?? [];
    const rest = (below?.[key] ?? []).filter(
      (item: any) => !own.some(other => other.name === item.name),
    );
    return [...own, ...rest];
  };
  return { parameters: merge('parameters'), artifacts: merge('artifacts') };
}
