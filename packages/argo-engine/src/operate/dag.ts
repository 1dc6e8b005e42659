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
import { executeTemplate } from './executeTemplate';
import type { Processed } from './inputs';
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
  resolveMember,
  templateOutputs,
} from './references';
import { valuesOf } from './steps';
import { isBroken, isFulfilled } from './Tree';

/** Brings a DAG node forward. */
export function executeDag(
  pass: Pass,
  call: Call,
  node: NodeStatus,
  processed: Processed,
): NodeStatus {
  const dag = new Dag(pass, call, node, processed);
  dag.targets.forEach(name => dag.execute(name));
  const phase = dag.assess();
  if (phase === 'Running') return node;
  node.outboundNodes = dag.outbound();
  if (phase === 'Succeeded') {
    const outputs = templateOutputs(processed.template, dag.allValues());
    if (outputs) node.outputs = outputs;
  }
  return pass.tree.mark(node, phase);
}

class Dag {
  readonly targets: string[];
  private readonly tasks = new Map<string, Member>();
  private readonly visited = new Set<string>();
  private readonly template: Template;

  constructor(
    private readonly pass: Pass,
    private readonly call: Call,
    private readonly node: NodeStatus,
    private readonly processed: Processed,
  ) {
    this.template = processed.template;
    for (const task of this.template.dag.tasks as Member[])
      this.tasks.set(task.name, task);
    const used = new Set([...this.tasks.values()].flatMap(tasksBefore));
    this.targets = [...this.tasks.keys()]
      .filter(name => !used.has(name))
      .sort();
  }

  private nameOf(task: string): string {
    return `${this.node.name}.${task}`;
  }

  private nodeOf(task: string): NodeStatus | undefined {
    return this.pass.tree.find(this.nameOf(task));
  }

  /** Decides a task after everything that it depends on. */
  execute(name: string): void {
    if (this.visited.has(name)) return;
    this.visited.add(name);
    const task = this.tasks.get(name);
    const present = this.nodeOf(name);
    if (!task || (present && isFulfilled(present))) return;
    const before = [...new Set(tasksBefore(task))].sort();
    before.forEach(dependency => this.execute(dependency));
    if (!before.every(dependency => this.isDone(dependency))) return;
    if (!present && !this.isMet(task)) {
      this.connect(name, before);
      this.add(name, task, 'Omitted', 'omitted: depends condition not met');
      return;
    }
    try {
      this.run(task, before);
    } catch (error) {
      if (!(error instanceof NodeFault)) throw error;
      this.connect(name, before);
      const node = this.nodeOf(name);
      if (node) this.pass.tree.mark(node, 'Error', error.message);
      else this.add(name, task, 'Error', error.message);
    }
  }

  private isDone(task: string): boolean {
    const node = this.nodeOf(task);
    return node !== undefined && isFulfilled(node);
  }

  private isMet(task: Member): boolean {
    const tree: Depends | undefined = Array.isArray(task.dependencies)
      ? task.dependencies
          .map((name: string): Depends => ({ op: 'task', task: name }))
          .reduce(
            (left: Depends, right: Depends): Depends => ({
              op: 'and',
              left,
              right,
            }),
          )
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
      node.type === 'TaskGroup'
        ? node.children.map(id => this.pass.state.nodes[id])
        : [];
    switch (result) {
      case undefined:
        return node.phase === 'Succeeded' || node.phase === 'Skipped';
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
      name: this.nameOf(name),
      displayName: name,
      type: 'Skipped',
      phase,
      message,
      templateName: task.template,
      boundaryID: this.node.id,
    });
  }

  private run(task: Member, before: string[]): void {
    const resolved = resolveMember(task, this.valuesBefore(before)) as Member;
    const expanded = expand(resolved);
    if (!isLoop(task)) {
      if (!this.nodeOf(task.name)) this.connect(task.name, before);
      return this.runOne(expanded[0], task.name);
    }
    if (expanded.length === 0) {
      this.connect(task.name, before);
      return this.add(task.name, task, 'Skipped', emptyLoop);
    }
    const group = this.groupNode(task, before);
    for (const one of expanded) {
      this.pass.tree.addChild(group.id, this.nameOf(one.name));
      this.runOne(one, task.name);
    }
    return this.assessGroup(group);
  }

  private groupNode(task: Member, before: string[]): NodeStatus {
    const present = this.nodeOf(task.name);
    if (present) return present;
    this.connect(task.name, before);
    return this.pass.tree.add({
      name: this.nameOf(task.name),
      displayName: task.name,
      type: 'TaskGroup',
      phase: 'Running',
      templateName: task.template,
      boundaryID: this.node.id,
    });
  }

  private runOne(member: Member, memberName: string): void {
    if (!this.nodeOf(member.name)) {
      const { run, fault } = shouldRun(member);
      if (fault) return this.add(member.name, member, 'Error', fault);
      if (!run)
        return this.add(member.name, member, 'Skipped', whenFalse(member));
    }
    executeTemplate(this.pass, {
      nodeName: this.nameOf(member.name),
      displayName: member.name,
      templateName: member.template,
      arguments: member.arguments ?? {},
      boundaryID: this.node.id,
      caller: this.template,
      memberName,
      extra: { 'tasks.name': member.name },
      depth: this.call.depth + 1,
    });
    return undefined;
  }

  private assessGroup(group: NodeStatus): void {
    const children = group.children.map(id => this.pass.state.nodes[id]);
    if (!children.every(child => child && isFulfilled(child))) return;
    const broken = children.filter(isBroken).pop();
    this.pass.tree.mark(group, broken ? broken.phase : 'Succeeded');
  }

  /** What a task may say: of everything that comes before it, directly or not. */
  private valuesBefore(direct: string[]): Values {
    const values = valuesOf(this.processed);
    const seen = new Set<string>();
    const visit = (name: string) => {
      if (seen.has(name)) return;
      seen.add(name);
      this.addValues(values, name);
      const task = this.tasks.get(name);
      if (task) tasksBefore(task).forEach(visit);
    };
    direct.forEach(visit);
    return values;
  }

  allValues(): Values {
    const values = valuesOf(this.processed);
    for (const name of this.tasks.keys()) this.addValues(values, name);
    return values;
  }

  private addValues(values: Values, name: string): void {
    const node = this.nodeOf(name);
    const task = this.tasks.get(name);
    if (!node || !task) return;
    addNodeValues(
      values,
      `tasks.${name}`,
      node,
      this.pass.template(task.template),
    );
    if (node.type === 'TaskGroup')
      addLoopValues(
        values,
        `tasks.${name}`,
        node.children.map(id => this.pass.state.nodes[id]),
      );
  }

  outbound(): string[] {
    return this.targets.flatMap(name => {
      const node = this.nodeOf(name);
      return node ? this.pass.tree.outbound(node.id) : [];
    });
  }

  /**
   * The phase of the whole: an omitted or skipped task inherits the phase of its branch, a failed branch decides at once, and
   * running tasks are waited for.
   */
  assess(): NodePhase {
    const phases = new Map<string, NodePhase | undefined>(
      this.targets.map(name => [
        this.pass.tree.id(this.nameOf(name)),
        undefined,
      ]),
    );
    const queue: { id: string; branch: NodePhase }[] = this.node.children.map(
      id => ({ id, branch: this.node.phase }),
    );
    const seen = new Set<string>();
    for (let next = queue.shift(); next; next = queue.shift()) {
      const key = `${next.id} ${next.branch}`;
      if (seen.has(key)) continue;
      seen.add(key);
      const node = this.pass.state.nodes[next.id];
      if (!node || !isFulfilled(node)) return 'Running';
      const branch = ['Succeeded', 'Failed', 'Error'].includes(node.phase)
        ? node.phase
        : next.branch;
      if (phases.has(node.id))
        phases.set(node.id, worse(phases.get(node.id), branch));
      queue.push(...node.children.map(id => ({ id, branch })));
    }
    for (const phase of phases.values())
      if (phase === 'Failed' || phase === 'Error') return phase;
    return [...phases.values()].includes(undefined) ? 'Running' : 'Succeeded';
  }
}

function worse(a: NodePhase | undefined, b: NodePhase): NodePhase {
  const rank = (phase: NodePhase | undefined) =>
    ['Failed', 'Error'].indexOf(phase ?? '') + (phase ? 1 : 0);
  return a === undefined || rank(b) > rank(a) ? b : a;
}
