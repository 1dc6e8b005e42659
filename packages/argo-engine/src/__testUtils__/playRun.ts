import {
  initialState,
  nodeId,
  operate,
  type OperateInput,
  type OperateResult,
  type PodObservation,
  type Workflow,
  type WorkflowState,
} from '../index';

/** A run that is led by hand: pods end when the test says so, and the clock stands until it is moved. */
export class PlayRun {
  state: WorkflowState = initialState();
  last!: OperateResult;
  readonly pods: Record<string, PodObservation> = {};
  readonly started: string[] = [];
  nowMs = Date.parse('2026-01-01T00:00:00.000Z');

  constructor(
    readonly workflow: Workflow,
    private readonly input: Partial<OperateInput> = {},
  ) {}

  /** One pass. */
  look(input: Partial<OperateInput> = {}): OperateResult {
    this.last = operate({
      workflow: this.workflow,
      state: this.state,
      pods: this.pods,
      now: this.now,
      ...this.input,
      ...input,
    });
    this.state = this.last.state;
    for (const request of this.last.start) {
      this.started.push(request.nodeName);
      this.pods[request.nodeId] = { nodeId: request.nodeId, phase: 'Running' };
    }
    return this.last;
  }

  /** Ends a pod, by the name of its node, and looks. */
  end(
    name: string,
    observed: Partial<PodObservation> = {},
    input: Partial<OperateInput> = {},
  ): OperateResult {
    const id = nodeId(this.workflow.metadata.name, name);
    this.pods[id] = {
      nodeId: id,
      phase: 'Succeeded',
      exitCode: 0,
      finishedAt: this.now,
      ...observed,
    };
    return this.look(input);
  }

  fail(name: string, exitCode = 1): OperateResult {
    return this.end(name, { phase: 'Failed', exitCode });
  }

  get now(): string {
    return new Date(this.nowMs).toISOString();
  }

  node(name: string) {
    return this.state.nodes[nodeId(this.workflow.metadata.name, name)];
  }
}

/** A workflow named `wf` with these templates; the first is the entrypoint. */
export const workflowOf = (
  templates: Record<string, any>[],
  spec: Record<string, any> = {},
): Workflow => ({
  metadata: { name: 'wf' },
  spec: { entrypoint: templates[0].name, templates, ...spec },
});

/** A template that runs one program. */
export const leaf = (name: string, more: Record<string, any> = {}) => ({
  name,
  container: { image: 'i', command: ['c'] },
  ...more,
});

/** A template of steps, the entrypoint of most runs here. */
export const steps = (...groups: Record<string, any>[][]) => ({
  name: 'main',
  steps: groups,
});

/** A template of tasks, the entrypoint too. */
export const dag = (...tasks: Record<string, any>[]) => ({
  name: 'main',
  dag: { tasks },
});

/** A step or task. */
export const call = (
  name: string,
  template: string,
  more: Record<string, any> = {},
) => ({ name, template, ...more });

/** A template whose program is given a text. */
export const say = (
  name: string,
  text: string,
  more: Record<string, any> = {},
) => ({
  name,
  container: { image: 'i', command: ['c'], args: [text] },
  ...more,
});

/** The text that the pass before gave the program of a node. */
export const saidBy = (run: PlayRun, name: string): string | undefined =>
  run.last.start.find(item => item.nodeName === name)?.template.container
    .args[0];
