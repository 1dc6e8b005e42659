import { createExtensionPoint } from '@backstage/backend-plugin-api';
import type { WorkflowEngine } from '@backstage-mlops/mlops-core';

/** @public */
export interface WorkflowEnginesExtensionPoint {
  /** Adds an engine beside `local`. Throws when there is one of its name. */
  addEngine(engine: WorkflowEngine): void;
}

/**
 * Where a module adds an engine. Projects choose it by `spec.engine` in `mlproject.yaml`, a run by `engine`, all others take
 * `mlops.engine`.
 *
 * @example
 * ```ts
 * export default createBackendModule({
 *   pluginId: 'mlops',
 *   moduleId: 'tekton',
 *   register(env) {
 *     env.registerInit({
 *       deps: {
 *         config: coreServices.rootConfig,
 *         engines: workflowEnginesExtensionPoint,
 *       },
 *       async init({ config, engines }) {
 *         engines.addEngine(TektonWorkflowEngine.fromConfig(config));
 *       },
 *     });
 *   },
 * });
 * ```
 *
 * @public
 */
export const workflowEnginesExtensionPoint =
  createExtensionPoint<WorkflowEnginesExtensionPoint>({
    id: 'mlops.workflow-engines',
  });
