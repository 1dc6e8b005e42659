/*
 * DAG: a task runs as soon as what it depends on is decided. Source: Argo's workflow/controller/dag.go.
 */
import {
  evaluateDepends,
  parseDepends,
  type Depends,
} from '../expressions/depends';
import { tasksBefore } from '../graph/toGraph';
import type { NodePhase, NodeStatus } from '../types';
import { assessDag } from './assessDag';
import { executeTemplate, namesOf } from './executeTemplate';
import {
  executeExitHook,
  executeLifecycleHooks,
  type HookPlace,
} from './hooks';
import type { Processed } from './inputs';
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
  addLoopValues,
  addNodeValues,
  resolveArtifacts,
  resolveIdle,
  resolveMember,
  resolveWhen,
  templateOutputs,
} from './references';
import { continuesOn, templateOf, valuesOf } from './steps';
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
  for (const name of dag.targets) {
    // A loop that ends in this pass has its exit hook in the next one.
    const wasOver = dag.isOver(name);
    dag.execute(name);
    if (!dag.endHooks(name, wasOver)) hooksAreOver = false;
  }
  // After a stop only an exit handler still says how it ended.
  const isStopped = pass.shutdown && hooksAreOver && !call.onExit;
  const phase: NodePhase = isStopped
    ? 'Failed'
    : assessDag(pass, node, dag.targetIds(), {
        failFast: dag.failFast,
        continuesOn: (id, broken) => dag.continuesOn(id, broken),
      });
  if (phase === 'Running') return node;
  if (phase !== 'Succeeded') {
    node.outboundNodes = dag.outbound();
    return pass.tree.mark(node, phase);
  }
  const outputs = templateOutputs(processed.template, dag.allValues());
  if (outputs) {
    node.outputs = outputs;
  }
  if (!hooksAreOver) return node;
  pass.saveToCache(node);
  node.outboundNodes = dag.outbound();
  return pass.tree.mark(node, phase);
}

class Dag {
  readonly targets: string[];
  readonly failFast: boolean;
  private readonly tasks = new Map<string, Member>();
  private readonly namesBefore = new Map<Member, string[]>();
  private readonly visited = new Set<string>();
  /** Loops with an exit hook of an item that goes on. */
  private readonly hooked = new Set<string>();
  private readonly template: Template;
  private readonly hasLoops: boolean;

  constructor(
    private readonly pass: Pass,
    private readonly call: Call,
    private readonly node: NodeStatus,
    private readonly processed: Processed,
  ) {
    this.template = processed.template;
    const { tasks, target, failFast } = this.template.dag;
    for (const task of tasks as Member[]) this.tasks.set(task.name, task);
    const used = new Set(
      [...this.tasks.values()].flatMap(task => this.before(task)),
    );
    this.targets = target
      ? String(target).split(' ').filter(Boolean)
      : [...this.tasks.keys()].filter(name => !used.has(name)).sort();
    this.failFast = failFast !== false;
    this.hasLoops = (tasks as Member[]).some(isLoop);
  }

  private nameOf(task: string): string {
    return `${this.node.name}.${task}`;
  }

  /** Names of the tasks that one waits for: read once a pass, since each task asks for all that come before it. */
  private before(task: Member): string[] {
    let names = this.namesBefore.get(task);
    if (!names) {
      names = tasksBefore(task);
      this.namesBefore.set(task, names);
    }
    return names;
  }

  private nodeOf(task: string): NodeStatus | undefined {
    return this.pass.tree.find(this.nameOf(task));
  }

  /** Whether a target may end so without the whole being broken. */
  continuesOn(id: string, phase: NodePhase): boolean {
    const name = this.targets.find(
      target => this.pass.tree.id(this.nameOf(target)) === id,
    );
    return name !== undefined && continuesOn(this.tasks.get(name), { phase });
  }

  targetIds(): string[] {
    return this.targets.map(name => this.pass.tree.id(this.nameOf(name)));
  }

  isOver(name: string): boolean {
    const node = this.nodeOf(name);
    return node !== undefined && isFulfilled(node);
  }

  /** Decides a task after everything that it depends on. */
  execute(name: string): void {
    if (this.visited.has(name)) return;
    this.visited.add(name);
    const task = this.tasks.get(name);
    if (!task) return;
    const present = this.nodeOf(name);
    if (present && (isFulfilled(present) || present.phase === 'Running')) {
      if (!this.hooksLetGo(task, present)) return;
      if (isFulfilled(present)) {
        this.visitFulfilled(task, present);
        return;
      }
    }
    const before = [...new Set(this.before(task))].sort();
    before.forEach(dependency => this.execute(dependency));
    if (!present || present.type !== 'TaskGroup') {
      if (!before.every(dependency => this.isDone(dependency))) return;
      if (!present && !this.isMet(task)) {
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
      if (this.hasLoops) this.valuesBefore(this.before(task));
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
    const task = this.tasks.get(name);
    const node = this.nodeOf(name);
    if (!task || !node) return true;
    // Words that cannot be made are a fault of the whole, hooks or not; only those of a loop can be such.
    if (this.hasLoops) this.valuesBefore(this.before(task));
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
    const values = this.valuesBefore(this.before(task));
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
    const node = this.nodeOf(task);
    return (
      node !== undefined &&
      isFulfilled(node) &&
      !this.hooked.has(task) &&
      this.pass.tree.hooksAreOver(node)
    );
  }

  private isMet(task: Member): boolean {
    const tree: Depends | undefined = task.dependencies?.length
      ? (task.dependencies as string[])
          .map((name): Depends => ({ op: 'task', task: name }))
          .reduce((left, right) => ({ op: 'and', left, right }))
      : task.depends
      ? parseDepends(task.depends)
      : undefined;
    return (
      tree === undefined ||
      evaluateDepends(tree, (name, result) => this.hasResult(name, result))
    );
  }

  private hasResult(task: string, result?: string): boolean {
    const node = this.nodeOf(task)!;
    const children =
      node.type === 'TaskGroup' ? this.pass.tree.childrenOf(node) : [];
    switch (result) {
      case undefined:
        return (
          node.phase === 'Succeeded' ||
          node.phase === 'Skipped' ||
          continuesOn(this.tasks.get(task), node)
        );
      case 'Errored':
        return node.phase === 'Error';
      case 'AnySucceeded':
        return children.some(child => child.phase === 'Succeeded');
      case 'AllFailed':
        return (
          children.length > 0 &&
          children.every(child => child.phase === 'Failed')
        );
      default:
        return node.phase === result;
    }
  }

  private connect(task: string, before: string[]): void {
    const name = this.nameOf(task);
    if (before.length === 0) this.pass.tree.addChild(this.node.id, name);
    for (const dependency of before)
      this.pass.tree
        .outbound(this.nodeOf(dependency)!.id)
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
      const values = this.valuesBefore(this.asks(task) ? before : []);
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
        this.pass.tree.addChild(group.id, this.nameOf(one.name)),
      );
      if (next === 'stop') return;
      if (next === 'assess') {
        this.hooked.add(task.name);
        break;
      }
    }
    this.assessGroup(group, expanded);
  }

  // Whether a task could say a word of those before it, or fail to: not to collect them keeps a large DAG quick.
  private asks(task: Member): boolean {
    return this.hasLoops || /\{\{|tasks/.test(JSON.stringify(task));
  }

  // A condition that cannot be read yet may still need the item of a loop.
  private resolve(task: Member, values: Values): Member {
    const asked = resolveWhen(task, values);
    const { run, fault } = shouldRun(asked);
    if (fault ? !isLoop(task) : !run) return resolveIdle(asked, values);
    return resolveArtifacts(resolveMember(task, values), values) as Member;
  }

  private groupNode(task: Member, before: string[]): NodeStatus {
    const present = this.nodeOf(task.name);
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
      nodeName: this.nameOf(member.name),
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

  /** What becomes of the loop in this pass: an exit hook that is not over keeps later items from being looked at. */
  private runOne(
    member: Member,
    memberName: string,
    connect: () => void,
  ): 'next' | 'assess' | 'stop' {
    if (!this.nodeOf(member.name)) {
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
      return this.exitHookIsOver(member, node, memberName) ? 'next' : 'assess';
    } catch (error) {
      if (!(error instanceof NodeFault)) throw error;
      return this.onFault(error, member);
    }
  }

  private onFault(error: NodeFault, member: Member): 'next' | 'stop' {
    if (error.kind === 'depth') return 'next';
    if (error.kind === 'parallelism') return 'stop';
    const name = this.nameOf(member.name);
    const node = this.nodeOf(member.name);
    if (node && error.kind === 'timeout')
      this.pass.tree.force(node, 'Failed', error.message);
    else if (node)
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
      const child = this.nodeOf(name);
      if (!child || !isFulfilled(child)) return;
      if (isBroken(child)) phase = child.phase;
    }
    this.pass.tree.mark(group, phase);
  }

  /** What a task may say: of everything that comes before it, directly or not. */
  private valuesBefore(direct: string[]): Values {
    const values = valuesOf(this.processed);
    const seen = new Set<string>();
    const visit = (name: string) => {
      if (seen.has(name)) return;
      seen.add(name);
      const task = this.tasks.get(name);
      if (task?.inline && this.nodeOf(name)?.type === 'TaskGroup')
        throw new NodeFault('failed to get a template');
      this.addValues(values, name);
      if (task) this.before(task).forEach(visit);
    };
    direct.forEach(visit);
    addGlobals(this.pass, values);
    return values;
  }

  allValues(): Values {
    const values = valuesOf(this.processed);
    for (const name of this.tasks.keys()) {
      this.addValues(values, name);
    }
    addGlobals(this.pass, values);
    return values;
  }

  private addValues(values: Values, name: string): void {
    const { pass } = this;
    const node = this.nodeOf(name);
    const task = this.tasks.get(name);
    if (!node || !task) return;
    if (node.type === 'TaskGroup') {
      const start = `${node.name}(`;
      addLoopValues(
        values,
        `tasks.${name}`,
        Object.values(pass.state.nodes).filter(
          child =>
            child.boundaryID === this.node.id && child.name.startsWith(start),
        ),
      );
    }
    addNodeValues(
      values,
      `tasks.${name}`,
      node,
      pass.tree.giver(node).outputs,
      templateOf(pass, task, this.processed),
    );
  }

  outbound(): string[] {
    return this.targets.flatMap(name => {
      const node = this.nodeOf(name);
      return node ? this.pass.tree.outbound(node.id) : [];
    });
  }
}

/** Adds global outputs that came about since the template began. */
export function addGlobals(pass: Pass, values: Values): void {
  for (const [name, text] of Object.entries(pass.globals))
    if (name.startsWith('workflow.outputs.')) values.texts[name] = text;
  for (const artifact of pass.state.outputs?.artifacts ?? [])
    values.artifacts[`workflow.outputs.artifacts.${artifact.name}`] = artifact;
}
