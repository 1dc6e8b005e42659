/*
 * DAG: a task runs as soon as what it depends on is decided. Source: Argo's workflow/controller/dag.go.
 */
import type { NodePhase, NodeStatus } from '../types';
import { assessDag } from './assessDag';
import { DagTasks } from './DagTasks';
import { valuesBefore, valuesOfAll } from './dagValues';
import { executeTemplate, namesOf } from './executeTemplate';
import {
  executeExitHook,
  executeLifecycleHooks,
  type HookPlace,
} from './hooks';
import type { Processed } from './inputs';
import { isMet } from './isMet';
import { release } from './locks';
import {
  emptyLoop,
  expand,
  isLoop,
  shouldRun,
  whenFalse,
  type Member,
} from './members';
import {
  NodeFault,
  type Call,
  type Pass,
  type Template,
  type Values,
} from './Pass';
import {
  resolveArtifacts,
  resolveIdle,
  resolveMember,
  resolveWhen,
  templateOutputs,
} from './references';
import { continuesOn } from './steps';
import { isBroken, isCompleted, isFulfilled } from './Tree';

/** Brings a DAG node forward. */
export function executeDag(
  pass: Pass,
  call: Call,
  node: NodeStatus,
  processed: Processed,
): NodeStatus {
  const dag = new Dag(pass, call, node, processed);
  let exitHooksAreOver = true;
  for (const name of dag.tasks.targets) {
    dag.execute(name);
    if (!dag.lookAtTarget(name)) exitHooksAreOver = false;
  }
  // After a stop only an exit handler still says how it ended.
  const isStopped = pass.shutdown && exitHooksAreOver && !call.onExit;
  const groups: [NodeStatus, NodePhase][] = [];
  const phase: NodePhase = isStopped
    ? 'Failed'
    : assessDag(pass, node, dag.targetIds(), {
        failFast: dag.failFast,
        continuesOn: (id, broken) => dag.continuesOn(id, broken),
        groups,
      });
  for (const [group, its] of groups) pass.tree.mark(group, its);
  if (phase === 'Running') return node;
  if (phase !== 'Succeeded') {
    node.outboundNodes = dag.outbound();
    return pass.tree.mark(node, phase);
  }
  const values = valuesOfAll(dag.tasks);
  dag.tasks.names.forEach(name =>
    pass.addGlobalOutputs(dag.tasks.nodeOf(name)?.outputs),
  );
  const outputs = templateOutputs(processed.template, values);
  if (outputs) {
    node.outputs = outputs;
  }
  pass.saveToCache(node);
  node.outboundNodes = dag.outbound();
  return pass.tree.mark(node, phase);
}

class Dag {
  readonly failFast: boolean;
  readonly tasks: DagTasks;
  private readonly visited = new Set<string>();
  private readonly template: Template;

  constructor(
    private readonly pass: Pass,
    private readonly call: Call,
    private readonly node: NodeStatus,
    private readonly processed: Processed,
  ) {
    this.template = processed.template;
    this.failFast = this.template.dag.failFast !== false;
    this.tasks = new DagTasks(pass, node, processed);
  }

  /** Whether a target may end so without the whole being broken. */
  continuesOn(id: string, phase: NodePhase): boolean {
    const name = this.tasks.targets.find(
      target => this.pass.tree.id(this.tasks.nameOf(target)) === id,
    );
    return name !== undefined && continuesOn(this.tasks.find(name), { phase });
  }

  targetIds(): string[] {
    return this.tasks.targets.map(name =>
      this.pass.tree.id(this.tasks.nameOf(name)),
    );
  }

  /** Decides a task after everything that it depends on. */
  execute(name: string): void {
    if (this.visited.has(name)) return;
    this.visited.add(name);
    const task = this.tasks.find(name);
    if (!task) return;
    const present = this.tasks.nodeOf(name);
    if (present && (isFulfilled(present) || present.phase === 'Running')) {
      if (!this.hooksLetGo(task, present)) return;
      if (isFulfilled(present)) {
        this.visitFulfilled(task, present);
        return;
      }
    }
    const before = [...new Set(this.tasks.before(task))].sort();
    before.forEach(dependency => this.execute(dependency));
    if (!present) {
      if (!before.every(dependency => this.isDone(dependency))) return;
      if (!isMet(this.tasks, task)) {
        this.add(task, 'Omitted', 'omitted: depends condition not met');
        this.connect(name, before);
        return;
      }
    }
    this.run(task, before);
  }

  // Hooks of a task that runs or is over come first. A fault of theirs, or of the words they could say, is the task's.
  private hooksLetGo(task: Member, node: NodeStatus): boolean {
    try {
      if (this.tasks.hasLoops)
        valuesBefore(this.tasks, this.tasks.before(task));
      if (!task.hooks) return true;
      return executeLifecycleHooks(this.pass, node, this.placeOf(task, node));
    } catch (error) {
      if (!(error instanceof NodeFault)) throw error;
      this.pass.tree.force(node, 'Error', error.message);
      return false;
    }
  }

  // A task that is over may have locks to give back, and an exit hook.
  private visitFulfilled(task: Member, node: NodeStatus): void {
    const { locks } = this.pass.state;
    if (locks) release(this.pass, node.id, Object.keys(locks));
    if (isCompleted(node)) this.exitHookIsOver(task, node);
  }

  /** Looks at the hooks of a target. False while an exit hook of its goes on. */
  lookAtTarget(name: string): boolean {
    const task = this.tasks.find(name);
    const node = this.tasks.nodeOf(name);
    if (!task || !node) return true;
    // Words that cannot be made are a fault of the whole, hooks or not; only those of a loop can be such.
    if (this.tasks.hasLoops) valuesBefore(this.tasks, this.tasks.before(task));
    if (task.hooks)
      executeLifecycleHooks(this.pass, node, this.placeOf(task, node));
    if (!isCompleted(node)) return true;
    const exit = this.pass.tree.find(`${node.name}.onExit`);
    return exit === undefined || isFulfilled(exit);
  }

  // A fault of the hook is on the hook; what comes next waits for it.
  private exitHookIsOver(task: Member, node: NodeStatus): boolean {
    if (!task.hooks?.exit && !task.onExit) return true;
    try {
      return executeExitHook(this.pass, node, this.placeOf(task, node));
    } catch (error) {
      if (error instanceof NodeFault) return false;
      throw error;
    }
  }

  // Of the task itself hooks know how it stands.
  private placeOf(task: Member, node: NodeStatus): HookPlace {
    const prefix = `tasks.${task.name}`;
    const values = valuesBefore(this.tasks, this.tasks.before(task));
    values.texts[`${prefix}.status`] = node.phase;
    return {
      hooks: task.hooks,
      onExit: task.onExit,
      boundaryID: this.node.id,
      scope: this.processed.scope,
      prefix,
      values,
      depth: this.call.depth,
    };
  }

  private isDone(task: string): boolean {
    const node = this.tasks.nodeOf(task);
    return (
      node !== undefined &&
      isFulfilled(node) &&
      this.pass.tree.hooksAreOver(node)
    );
  }

  private connect(task: string, before: string[]): void {
    const name = this.tasks.nameOf(task);
    if (before.length === 0) this.pass.tree.addChild(this.node.id, name);
    for (const dependency of before)
      this.pass.tree
        .outbound(this.tasks.nodeOf(dependency)!.id)
        .forEach(id => this.pass.tree.addChild(id, name));
  }

  private add(task: Member, phase: NodePhase, message: string): void {
    this.pass.tree.add({
      ...namesOf(this.callOf(task)),
      type: 'Skipped',
      phase,
      message,
    });
  }

  private run(task: Member, before: string[]): void {
    let expanded: Member[];
    try {
      const values = valuesBefore(this.tasks, this.asks(task) ? before : []);
      expanded = expand(this.resolve(task, values), values.texts);
    } catch (error) {
      if (!(error instanceof NodeFault)) throw error;
      if (this.pass.mayWait(error)) return;
      this.add(task, 'Error', error.message);
      this.connect(task.name, before);
      return;
    }
    if (!isLoop(task)) {
      this.runOne(task, expanded[0], () => this.connect(task.name, before));
      return;
    }
    if (expanded.length === 0) {
      this.add(task, 'Skipped', emptyLoop);
      this.connect(task.name, before);
      return;
    }
    const group = this.groupNode(task, before);
    for (const one of expanded) {
      const next = this.runOne(task, one, () =>
        this.pass.tree.addChild(group.id, this.tasks.nameOf(one.name)),
      );
      if (next === 'stop') return;
    }
    this.assessGroup(group, expanded);
  }

  // Whether a task could say a word of those before it, or fail to: not to collect them keeps a large DAG quick.
  private asks(task: Member): boolean {
    return this.tasks.hasLoops || /\{\{|tasks/.test(JSON.stringify(task));
  }

  // A condition that cannot be read yet may still need the item of a loop.
  private resolve(task: Member, values: Values): Member {
    const asked = resolveWhen(task, values);
    const { run, fault } = shouldRun(asked);
    if (fault ? !isLoop(task) : !run) return resolveIdle(asked, values);
    return resolveArtifacts(resolveMember(task, values), values) as Member;
  }

  private groupNode(task: Member, before: string[]): NodeStatus {
    const present = this.tasks.nodeOf(task.name);
    if (present) return present;
    this.connect(task.name, before);
    return this.pass.tree.add({
      ...namesOf(this.callOf(task)),
      type: 'TaskGroup',
      phase: 'Running',
    });
  }

  private callOf(member: Member): Call {
    return {
      nodeName: this.tasks.nameOf(member.name),
      displayName: member.name,
      holder: member,
      arguments: member.arguments ?? {},
      boundaryID: this.node.id,
      extra: { 'tasks.name': member.name },
      scope: this.processed.scope,
      onExit: this.call.onExit,
      depth: this.call.depth + 1,
    };
  }

  /** Whether later items of the loop are looked at in this pass; an exit hook that is not over keeps them from it. */
  private runOne(
    task: Member,
    member: Member,
    connect: () => void,
  ): 'next' | 'stop' {
    if (!this.tasks.nodeOf(member.name)) {
      connect();
      const { run, fault } = shouldRun(member);
      if (fault || !run) {
        if (fault) this.add(member, 'Error', fault);
        else this.add(member, 'Skipped', whenFalse(member));
        return 'next';
      }
    }
    let node: NodeStatus | undefined;
    try {
      node = executeTemplate(this.pass, this.callOf(member));
    } catch (error) {
      if (!(error instanceof NodeFault)) throw error;
      if (error.kind !== 'parallelism' && error.kind !== 'depth') {
        this.onFault(error, member);
        return 'stop';
      }
      node = this.tasks.nodeOf(member.name);
      // What waits for its turn is looked at again; what was not even made ends the look at the loop.
      if (node && error.kind === 'parallelism') return 'next';
    }
    if (!node) return 'stop';
    if (!isCompleted(node)) return 'next';
    return this.exitHookIsOver(task, node) ? 'next' : 'stop';
  }

  private onFault(error: NodeFault, member: Member): void {
    const name = this.tasks.nameOf(member.name);
    const node = this.tasks.nodeOf(member.name);
    // One that took too long says so already.
    if (node && error.kind !== 'timeout')
      this.pass.tree.force(
        node,
        'Error',
        `task '${name}' errored: ${error.message}`,
      );
  }

  private assessGroup(group: NodeStatus, expanded: Member[]): void {
    let phase: NodePhase = 'Succeeded';
    for (const { name } of expanded) {
      const child = this.tasks.nodeOf(name);
      if (!child || !isFulfilled(child)) return;
      if (isBroken(child)) phase = child.phase;
    }
    this.pass.tree.mark(group, phase);
  }

  outbound(): string[] {
    return this.tasks.targets.flatMap(name => {
      const node = this.tasks.nodeOf(name);
      return node ? this.pass.tree.outbound(node.id) : [];
    });
  }
}
