import { createBackendModule } from '@backstage/backend-plugin-api';
import {
  NotFoundError,
  type EngineListener,
  type EngineRun,
  type WorkflowEngine,
} from '@backstage-mlops/mlops-core';
import { workflowEnginesExtensionPoint } from '@backstage-mlops/plugin-mlops-node';

/** Writes down what it was asked to run, and calls it done: an engine in its smallest form. */
class NotebookEngine implements WorkflowEngine {
  readonly name = 'notebook';
  private readonly runs = new Map<string, EngineRun & { since: string }>();
  private listener?: EngineListener;

  async begin(listener: EngineListener) {
    this.listener = listener;
  }

  async end() {
    this.listener = undefined;
  }

  health() {
    return { state: 'ok' as const, message: 'There is paper left.' };
  }

  async submit(run: EngineRun) {
    // The portal may ask twice; the second time changes nothing.
    if (this.runs.has(run.id)) return;
    this.runs.set(run.id, { ...run, since: new Date().toISOString() });
    this.listener?.changed(run.id);
  }

  async observe(id: string) {
    const run = this.runs.get(id);
    if (!run) return undefined;
    const { since } = run;
    const state = { startedAt: since, finishedAt: since, nodes: {} };
    return { version: '1', state: { ...state, phase: 'Succeeded' as const } };
  }

  async shutdown() {}
  async suspend() {}
  async resume() {}
  async retry() {}

  async remove(id: string) {
    this.runs.delete(id);
  }

  async *followLog(id: string): AsyncIterable<Uint8Array> {
    throw new NotFoundError(`Run ${id} has no log.`, 'not-found');
  }
}

export default createBackendModule({
  pluginId: 'mlops',
  moduleId: 'notebook',
  register(env) {
    env.registerInit({
      deps: { engines: workflowEnginesExtensionPoint },
      async init({ engines }) {
        engines.addEngine(new NotebookEngine());
      },
    });
  },
});
