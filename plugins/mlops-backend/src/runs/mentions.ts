import type { Workflow } from '@backstage-mlops/argo-engine';

/** Whether a field of that name occurs anywhere in a workflow or in the templates that it refers to. */
export const mentions = ({ spec, stored }: Workflow, field: string): boolean =>
  JSON.stringify([spec, stored?.templates]).includes(`"${field}"`);
