import type { WorkflowEngine } from '@backstage-mlops/mlops-core';
import type { WorkflowEnginesExtensionPoint } from '@backstage-mlops/plugin-mlops-node';

/** The engines that modules gave. */
export class EngineList implements WorkflowEnginesExtensionPoint {
  readonly engines: WorkflowEngine[] = [];

  addEngine(engine: WorkflowEngine): void {
    if (
      engine.name === 'local' ||
      this.engines.some(({ name }) => name === engine.name)
    )
      throw new Error(`There are two engines called '${engine.name}'.`);
    this.engines.push(engine);
  }
}
