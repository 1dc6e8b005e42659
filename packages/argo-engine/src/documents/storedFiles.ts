/*
 * What a run needs of other files, taken along when it is submitted: templates that it refers to, and the limits of its semaphores.
 * A run that goes on later, or on another machine, reads nothing else.
 */
import type { Workflow } from '../types';
import type { TemplateLookup } from './resolveWorkflow';

/** Files that a run keeps, as Argo keeps them in `status.storedTemplates`. @public */
export interface StoredFiles {
  /** Manifests by `name`, or `cluster/name` of a ClusterWorkflowTemplate. */
  templates: Record<string, Record<string, any>>;
  /** How many may hold a semaphore at a time, by lock name as `default/ConfigMap/name/key`. */
  limits: Record<string, number>;
}

/** Finds a key of a ConfigMap. @public */
export type ConfigLookup = (name: string, key: string) => string | undefined;

const maxFiles = 50;
const keyOf = (name: string, clusterScope: boolean) =>
  clusterScope ? `cluster/${name}` : name;

/** Collects what a workflow refers to, also through other files. Error when something is not there. @public */
export function collectFiles(
  workflow: Workflow,
  templates: TemplateLookup,
  config: ConfigLookup = () => undefined,
): StoredFiles {
  const stored: StoredFiles = { templates: {}, limits: {} };
  const namespace = workflow.metadata.namespace ?? 'default';
  const open: unknown[] = [workflow.spec];
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    for (const { name, clusterScope } of refsIn(value)) {
      const key = keyOf(name, clusterScope);
      if (stored.templates[key]) continue;
      const file = templates(name, clusterScope);
      if (!file)
        throw new Error(
          `${
            clusterScope ? 'clusterworkflowtemplates' : 'workflowtemplates'
          }.argoproj.io "${name}" not found`,
        );
      if (Object.keys(stored.templates).length >= maxFiles)
        throw new Error(`more than ${maxFiles} other files are referred to`);
      stored.templates[key] = { spec: structuredClone(file.spec) };
      open.push(file.spec);
    }
    for (const semaphore of semaphoresIn(value)) {
      const { name, key } = semaphore.configMapKeyRef;
      const limit = Number(config(name, key));
      if (!Number.isInteger(limit) || limit < 1)
        throw new Error(
          `the semaphore's limit, key '${key}' of ConfigMap '${name}', is not a whole number above zero`,
        );
      stored.limits[
        `${semaphore.namespace ?? namespace}/ConfigMap/${name}/${key}`
      ] = limit;
    }
  }
  return stored;
}

/** Finds the templates that a run took along. @public */
export function lookupOf(stored: StoredFiles | undefined): TemplateLookup {
  return (name, clusterScope) => stored?.templates[keyOf(name, clusterScope)];
}

function refsIn(value: unknown): { name: string; clusterScope: boolean }[] {
  const found: { name: string; clusterScope: boolean }[] = [];
  eachObject(value, object => {
    const ref = object.templateRef ?? object.workflowTemplateRef;
    if (typeof ref?.name === 'string' && !ref.name.includes('{{'))
      found.push({ name: ref.name, clusterScope: Boolean(ref.clusterScope) });
  });
  return found;
}

function semaphoresIn(value: unknown): any[] {
  const found: any[] = [];
  eachObject(value, ({ synchronization }) => {
    const { semaphore, semaphores = [] } = synchronization ?? {};
    for (const item of [...(semaphore ? [semaphore] : []), ...semaphores])
      if (item?.configMapKeyRef) found.push(item);
  });
  return found;
}

function eachObject(
  value: unknown,
  visit: (object: Record<string, any>) => void,
): void {
  if (Array.isArray(value)) value.forEach(item => eachObject(item, visit));
  else if (typeof value === 'object' && value !== null) {
    visit(value);
    for (const item of Object.values(value)) eachObject(item, visit);
  }
}
