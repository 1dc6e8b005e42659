/* The engine's loop without a portal: the state is in memory, steps are real processes, and a change is told as it comes. */
import {
  isTerminal,
  initialState,
  lookupOf,
  operate,
  resumeNode,
  type CacheEntry,
  type NodeStatus,
  type PodObservation,
  type PodRequest,
  type Workflow,
  type WorkflowState,
} from '@backstage-mlops/argo-engine';
import {
  waitForEnd,
  type LocalStepRunner,
} from '@backstage-mlops/mlops-executor';
import path from 'node:path';

export interface RunOptions {
  workflow: Workflow;
  runner: LocalStepRunner;
  /** Folder of the steps. */
  folder: string;
  isolation: 'namespaces' | 'none';
  places: number;
  /** Told of every node that is new or changed its phase. */
  onNode(node: NodeStatus): void;
  /** Told when a step's process begins; its log is in the folder. */
  onStep(request: PodRequest, directory: string): void;
  /** Asked what a person says to a step that waits, again with what was wrong before; undefined when there is nobody. */
  ask(
    node: NodeStatus,
    fault?: string,
  ): Promise<Record<string, string> | undefined>;
  /** A person wants the end. */
  signal: AbortSignal;
}

export class WorkflowRun {
  private state: WorkflowState = initialState();
  private readonly pods: Record<string, PodObservation> = {};
  private readonly folders = new Map<string, string>();
  private readonly queue: PodRequest[] = [];
  private readonly caches = new Map<string, CacheEntry>();
  private readonly asked = new Set<string>();
  private active = 0;
  private changed = false;
  private wake = () => {};
  private nobody?: string;

  constructor(private readonly options: RunOptions) {}

  /** Runs to the end and gives the last state. */
  async toEnd(): Promise<WorkflowState> {
    this.options.signal.addEventListener('abort', () => this.notify());
    while (!isTerminal(this.state)) {
      this.changed = false;
      const result = operate({
        workflow: this.options.workflow,
        state: this.state,
        pods: this.pods,
        now: new Date().toISOString(),
        shutdown: this.isEnding ? 'Terminate' : undefined,
        templates: lookupOf(this.options.workflow.stored),
        lock: name => ({
          held: 0,
          limit: this.options.workflow.stored?.limits[name],
        }),
        cached: (name, key) => this.caches.get(`${name}/${key}`),
      });
      this.tell(result.state);
      for (const { cacheName, key, nodeId, outputs } of result.saves)
        this.caches.set(`${cacheName}/${key}`, {
          nodeId,
          outputs,
          createdAt: new Date().toISOString(),
        });
      for (const nodeId of result.stop) await this.stop(nodeId);
      this.queue.push(...result.start);
      this.startNext();
      if (isTerminal(this.state)) break;
      this.askPeople();
      await this.nextEvent(result.requeueAt);
    }
    await Promise.all([...this.folders.keys()].map(id => this.stop(id)));
    return this.nobody ? { ...this.state, message: this.nobody } : this.state;
  }

  private get isEnding(): boolean {
    return this.options.signal.aborted || this.nobody !== undefined;
  }

  private tell(next: WorkflowState): void {
    for (const node of Object.values(next.nodes)) {
      const before = this.state.nodes[node.id];
      if (before?.phase !== node.phase) this.options.onNode(node);
    }
    this.state = next;
  }

  private startNext(): void {
    while (this.queue.length > 0 && this.active < this.options.places) {
      const request = this.queue.shift()!;
      const { nodeId } = request;
      if (!['Pending', 'Running'].includes(this.state.nodes[nodeId]?.phase))
        continue;
      this.active += 1;
      this.runStep(request)
        .catch(
          (error): PodObservation => ({
            nodeId,
            phase: 'Error',
            message: error.message,
          }),
        )
        .then(observation => {
          this.active -= 1;
          this.folders.delete(nodeId);
          this.pods[nodeId] = observation;
          this.startNext();
          this.notify();
        });
    }
  }

  private async runStep(request: PodRequest): Promise<PodObservation> {
    const { nodeId } = request;
    const directory = path.join(this.options.folder, 'steps', nodeId);
    this.pods[nodeId] = { nodeId, phase: 'Pending' };
    this.folders.set(nodeId, directory);
    await this.options.runner.start({
      attemptId: nodeId,
      directory,
      request,
      env: { NODE_NO_WARNINGS: '1' },
      isolation: this.options.isolation,
      artifactKeyPrefix: nodeId,
    });
    this.options.onStep(request, directory);
    this.pods[nodeId] = {
      nodeId,
      phase: 'Running',
      startedAt: new Date().toISOString(),
    };
    this.notify();
    await waitForEnd(directory);
    const { usage: _usage, ...observed } = await this.options.runner.observe(
      directory,
    );
    return observed;
  }

  private async stop(nodeId: string): Promise<void> {
    const directory = this.folders.get(nodeId);
    if (directory) await this.options.runner.stop(directory, 'stopped', 3);
  }

  private async askAbout(node: NodeStatus, fault?: string): Promise<void> {
    const parameters = await this.options.ask(node, fault);
    if (this.isEnding || isTerminal(this.state)) return;
    if (!parameters)
      this.nobody = `'${node.displayName}' waits for a person; run it in a terminal`;
    else
      try {
        this.state = resumeNode(this.state, node.id, {
          parameters,
          now: new Date().toISOString(),
        });
      } catch (error) {
        await this.askAbout(node, (error as Error).message);
        return;
      }
    this.notify();
  }

  private askPeople(): void {
    for (const node of Object.values(this.state.nodes)) {
      if (
        node.type !== 'Suspend' ||
        node.phase !== 'Running' ||
        this.asked.has(node.id) ||
        this.hasDuration(node)
      )
        continue;
      this.asked.add(node.id);
      this.askAbout(node).catch(error => {
        this.nobody = error.message;
        this.notify();
      });
    }
  }

  private hasDuration({ templateName }: NodeStatus): boolean {
    return this.options.workflow.spec.templates?.some(
      (template: any) =>
        template.name === templateName && template.suspend?.duration,
    );
  }

  private notify(): void {
    this.changed = true;
    this.wake();
  }

  private async nextEvent(requeueAt: string | undefined): Promise<void> {
    if (this.changed) return;
    await new Promise<void>(resolve => {
      const timer = requeueAt
        ? setTimeout(resolve, Math.max(5, Date.parse(requeueAt) - Date.now()))
        : undefined;
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = () => {};
  }
}
