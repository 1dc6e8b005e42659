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
  addNodeValues,
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
  let hooksAreOver = true;
  for (const name of dag.tasks.targets) {
    // A loop that ends in this pass has its exit hook in the next one.
    const wasOver = dag.isOver(name);
    dag.execute(name);
    if (!dag.endHooks(name, wasOver)) hooksAreOver = false;
  }
  // After a stop only an exit handler still says how it ended.
  const isStopped = pass.shutdown && hooksAreOver && !call.onExit;
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
  if (!hooksAreOver) return node;
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

  isOver(name: string): boolean {
    const node = this.tasks.nodeOf(name);
    return node !== undefined && isFulfilled(node);
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
    if (!present || present.type !== 'TaskGroup') {
      if (!before.every(dependency => this.isDone(dependency))) return;
      if (!present && !isMet(this.tasks, task)) {
        this.add(name, task, 'Omitted', 'omitted: depends condition not met');
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
      const place = this.placeOf(task, node, task.name);
      return executeLifecycleHooks(this.pass, node, place);
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
    if (isCompleted(node)) this.exitHookIsOver(task, node, task.name);
  }

  /** Hooks of a target that is over; false while one of them is not. */
  endHooks(name: string, wasOver: boolean): boolean {
    const task = this.tasks.find(name);
    const node = this.tasks.nodeOf(name);
    if (!task || !node) return true;
    // Words that cannot be made are a fault of the whole, hooks or not; only those of a loop can be such.
    if (this.tasks.hasLoops) valuesBefore(this.tasks, this.tasks.before(task));
    if (!task.hooks && !task.onExit) return true;
    const place = this.placeOf(task, node, name);
    const begun = executeLifecycleHooks(this.pass, node, place);
    if (
      !isCompleted(node) ||
      node.type === 'Skipped' ||
      (node.type === 'TaskGroup' && !wasOver)
    )
      return begun;
    return executeExitHook(this.pass, node, place) && begun;
  }

  // A fault of the hook is on the hook; what comes next waits for it.
  private exitHookIsOver(
    task: Member,
    node: NodeStatus,
    name: string,
  ): boolean {
    if (!task.hooks?.exit && !task.onExit) return true;
    try {
      return executeExitHook(this.pass, node, this.placeOf(task, node, name));
    } catch (error) {
      if (error instanceof NodeFault) return false;
      throw error;
    }
  }

  private placeOf(task: Member, node: NodeStatus, name: string): HookPlace {
    const prefix = `tasks.${name}`;
    const values = valuesBefore(this.tasks, this.tasks.before(task));
    const { outputs } = this.pass.tree.giver(node);
    addNodeValues(values, prefix, node, outputs, undefined);
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

  private add(
    name: string,
    task: Member,
    phase: NodePhase,
    message: string,
  ): void {
    this.pass.tree.add({
      ...namesOf(this.callOf(task, name)),
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
      this.add(task.name, task, 'Error', error.message);
      this.connect(task.name, before);
      return;
    }
    if (!isLoop(task)) {
      this.runOne(expanded[0], task.name, () =>
        this.connect(task.name, before),
      );
      return;
    }
    if (expanded.length === 0) {
      this.add(task.name, task, 'Skipped', emptyLoop);
      this.connect(task.name, before);
      return;
    }
    const group = this.groupNode(task, before);
    for (const one of expanded) {
      const next = this.runOne(one, task.name, () =>
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
      ...namesOf(this.callOf(task, task.name)),
      type: 'TaskGroup',
      phase: 'Running',
    });
  }

  private callOf(member: Member, memberName: string): Call {
    return {
      nodeName: this.tasks.nameOf(member.name),
      displayName: member.name,
      holder: member,
      arguments: member.arguments ?? {},
      boundaryID: this.node.id,
      caller: this.template,
      memberName,
      extra: { 'tasks.name': member.name },
      scope: this.processed.scope,
      onExit: this.call.onExit,
      depth: this.call.depth + 1,
    };
  }

  /** Whether later items of the loop are looked at in this pass; an exit hook that is not over keeps them from it. */
  private runOne(
    member: Member,
    memberName: string,
    connect: () => void,
  ): 'next' | 'stop' {
    if (!this.tasks.nodeOf(member.name)) {
      connect();
      const { run, fault } = shouldRun(member);
      if (fault || !run) {
        if (fault) this.add(member.name, member, 'Error', fault);
        else this.add(member.name, member, 'Skipped', whenFalse(member));
        return 'next';
      }
    }
    try {
      const node = executeTemplate(this.pass, this.callOf(member, memberName));
      if (!node || !isCompleted(node)) return 'next';
      return this.exitHookIsOver(member, node, memberName) ? 'next' : 'stop';
    } catch (error) {
      if (!(error instanceof NodeFault)) throw error;
      return this.onFault(error, member);
    }
  }

  private onFault(error: NodeFault, member: Member): 'next' | 'stop' {
    if (error.kind === 'depth') return 'next';
    if (error.kind === 'parallelism') return 'stop';
    const name = this.tasks.nameOf(member.name);
    const node = this.tasks.nodeOf(member.name);
    // One that took too long says so already.
    if (node && error.kind !== 'timeout')
      this.pass.tree.force(
        node,
        'Error',
        `task '${name}' errored: ${error.message}`,
      );
    return 'stop';
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
