import { tasksBefore } from '../graph/toGraph';
import type { NodeStatus } from '../types';
import type { Processed } from './inputs';
import { isLoop, type Member } from './members';
import type { Pass } from './Pass';

/** The tasks of a DAG, and the nodes that they have by now. */
export class DagTasks {
  /** Names of the tasks that the DAG is for. */
  readonly targets: string[];
  readonly hasLoops: boolean;
  private readonly tasks = new Map<string, Member>();
  private readonly namesBefore = new Map<Member, string[]>();

  constructor(
    readonly pass: Pass,
    /** The node of the DAG itself. */
    readonly node: NodeStatus,
    readonly processed: Processed,
  ) {
    const { tasks, target } = processed.template.dag;
    for (const task of tasks as Member[]) this.tasks.set(task.name, task);
    const used = new Set(
      [...this.tasks.values()].flatMap(task => this.before(task)),
    );
    this.targets = target
      ? String(target).split(' ').filter(Boolean)
      : this.names.filter(name => !used.has(name)).sort();
    this.hasLoops = (tasks as Member[]).some(isLoop);
  }

  get names(): string[] {
    return [...this.tasks.keys()];
  }

  find(name: string): Member | undefined {
    return this.tasks.get(name);
  }

  /** Name of the node of a task. */
  nameOf(task: string): string {
    return `${this.node.name}.${task}`;
  }

  nodeOf(task: string): NodeStatus | undefined {
    return this.pass.tree.find(this.nameOf(task));
  }

  /** Names of the tasks that one waits for: read once a pass, since each task asks for all that come before it. */
  before(task: Member): string[] {
    let names = this.namesBefore.get(task);
    if (!names) {
      names = tasksBefore(task);
      this.namesBefore.set(task, names);
    }
    return names;
  }
}
