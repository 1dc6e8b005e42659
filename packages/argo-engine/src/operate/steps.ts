/*
 * Steps: groups one after the other, the members of a group side by side. Source: Argo's workflow/controller/steps.go.
 */
import type { NodeStatus } from '../types';
import { executeTemplate, namesOf } from './executeTemplate';
import {
  executeExitHook,
  executeLifecycleHooks,
  type HookPlace,
} from './hooks';
import type { Processed } from './inputs';
import {
  emptyLoop,
  expand,
  isLoop,
  shouldRun,
  whenFalse,
  type Member,
} from './members';
import { NodeFault, type Call, type Pass, type Values } from './Pass';
import {
  addGlobals,
  addLoopValues,
  addNodeValues,
  resolveArtifacts,
  resolveIdle,
  resolveMember,
  resolveWhen,
  templateOutputs,
} from './references';
import { isBroken, isCompleted, isFulfilled } from './Tree';

/** Brings a Steps node forward. */
export function executeSteps(
  pass: Pass,
  call: Call,
  node: NodeStatus,
  processed: Processed,
): NodeStatus {
  const groups = (processed.template.steps as unknown[]).map(
    group => (Array.isArray(group) ? group : [group]) as Member[],
  );
  const values = valuesOf(processed);
  // Global outputs that there are when the template is looked at stay as they are for its steps in this pass.
  const told: Values = { texts: {}, artifacts: {} };
  addGlobals(pass, told);
  for (let index = 0; index < groups.length; index++) {
    const name = groupNode(pass, node, index).name;
    const group = new StepGroup(
      pass,
      call,
      node,
      processed,
      values,
      told,
      name,
    );
    const seen = group.execute(groups[index]);
    // A fault of an exit hook is what the template gives.
    if (seen === undefined) return group.status;
    if (!isFulfilled(seen)) return node;
    if (isBroken(seen)) {
      node.outboundNodes = lastOutbound(pass, group.status);
      return pass.tree.force(node, 'Failed', seen.message ?? '');
    }
    groups[index].forEach(member => group.addValues(member));
  }
  const last = groupNode(pass, node, groups.length - 1);
  node.outboundNodes = lastOutbound(pass, last);
  const outputs = templateOutputs(processed.template, values);
  if (outputs) {
    node.outputs = outputs;
    pass.addGlobalOutputs(outputs);
  }
  pass.saveToCache(node);
  return pass.tree.force(node, 'Succeeded');
}

/** The words that members of a Steps or DAG template start with: globals and the template's inputs. */
export function valuesOf({ texts, inputs }: Processed): Values {
  const artifacts = Object.fromEntries(
    (inputs.artifacts ?? []).map(artifact => [
      `inputs.artifacts.${artifact.name}`,
      artifact,
    ]),
  );
  return { texts: { ...texts }, artifacts };
}

function groupNode(pass: Pass, parent: NodeStatus, index: number): NodeStatus {
  const name = `${parent.name}[${index}]`;
  const present = pass.tree.find(name);
  if (present) return present;
  const created = pass.tree.add({
    name,
    displayName: `[${index}]`,
    type: 'StepGroup',
    phase: 'Running',
    boundaryID: parent.id,
  });
  const before = pass.tree.find(`${parent.name}[${index - 1}]`);
  // A group without children is a parent itself.
  const hooks = !before
    ? [parent.id]
    : before.children.length === 0
    ? [before.id]
    : lastOutbound(pass, before);
  hooks.forEach(id => pass.tree.addChild(id, name));
  return created;
}

function lastOutbound(pass: Pass, group: NodeStatus): string[] {
  return group.children.flatMap(child => pass.tree.outbound(child));
}

class StepGroup {
  private readonly members = new Map<string, Member>();

  constructor(
    private readonly pass: Pass,
    private readonly call: Call,
    private readonly boundary: NodeStatus,
    private readonly processed: Processed,
    private readonly values: Values,
    private readonly told: Values,
    private readonly name: string,
  ) {}

  get status(): NodeStatus {
    return this.pass.tree.find(this.name)!;
  }

  /**
   * Brings the group forward. Gives it as the template sees it: a fault of a hook breaks the group, but is heard of in the next pass.
   * Undefined when an exit hook has a fault.
   */
  execute(written: Member[]): NodeStatus | undefined {
    const { tree } = this.pass;
    if (isFulfilled(this.status) && !this.isOpen(written)) return this.status;
    addGlobals(this.pass, this.values);
    Object.assign(this.values.texts, this.told.texts);
    Object.assign(this.values.artifacts, this.told.artifacts);
    const before = { ...this.status };
    try {
      const members = this.resolved(written);
      try {
        members.forEach(member => this.executeMember(member));
      } catch (error) {
        if (!(error instanceof NodeFault && error.kind === 'timeout'))
          throw error;
        return tree.force(this.status, 'Failed', error.message);
      }
    } catch (error) {
      if (!(error instanceof NodeFault)) throw error;
      if (this.pass.mayWait(error)) return before;
      return tree.force(this.status, 'Error', error.message);
    }
    try {
      return this.assess();
    } catch (error) {
      if (!(error instanceof NodeFault)) throw error;
      tree.force(this.status, 'Error', error.message);
      return undefined;
    }
  }

  // A group that is over is looked at again while something of it, or after it, goes on: its hooks may have to.
  private isOpen(written: Member[]): boolean {
    const { tree } = this.pass;
    const hasHooks = written.some(member => member.hooks || member.onExit);
    return hasHooks
      ? !tree.isOverBelow(this.status)
      : !tree.childrenOf(this.status).every(isFulfilled);
  }

  private resolved(written: Member[]): Member[] {
    const known = written.map(member => this.resolveTold(member));
    return known.flatMap(member => {
      const expanded = expand(member, this.values.texts);
      if (expanded.length === 0) this.skip(member, emptyLoop);
      return expanded;
    });
  }

  private resolveTold(written: Member): Member {
    try {
      return this.resolve(written);
    } catch (error) {
      if (!(error instanceof NodeFault) || error.kind === 'unresolved')
        throw error;
      throw new NodeFault(`failed to resolve references: ${error.message}`);
    }
  }

  // A condition that cannot be read is found with the references, before a node is made; a loop's may still need its item.
  private resolve(written: Member): Member {
    const asked = resolveWhen(written, this.values);
    const { run, fault } = shouldRun(asked);
    if (fault && !isLoop(written)) throw new NodeFault(fault);
    if (!run && !fault) return resolveIdle(asked, this.values);
    return resolveArtifacts(
      resolveMember(written, this.values),
      this.values,
    ) as Member;
  }

  private executeMember(member: Member): void {
    const { pass } = this;
    const nodeName = `${this.name}.${member.name}`;
    const { run, fault } = shouldRun(member);
    if (fault) {
      this.skip(member, fault, 'Error');
      throw new NodeFault(fault);
    }
    if (!run) {
      this.skip(member, whenFalse(member));
      return;
    }
    let child: NodeStatus | undefined;
    try {
      child = executeTemplate(pass, {
        nodeName,
        displayName: member.name,
        holder: member,
        arguments: member.arguments ?? {},
        boundaryID: this.boundary.id,
        extra: { 'steps.name': member.name },
        scope: this.processed.scope,
        onExit: this.call.onExit,
        depth: this.call.depth + 1,
      });
    } catch (error) {
      if (!(error instanceof NodeFault)) throw error;
      this.onFault(error, nodeName);
      child = pass.tree.find(nodeName);
    }
    if (!child) return;
    this.members.set(nodeName, member);
    pass.tree.addChild(this.status.id, nodeName);
  }

  private onFault(error: NodeFault, nodeName: string): void {
    if (error.kind === 'parallelism' || error.kind === 'depth') return;
    if (error.kind === 'timeout') throw error;
    this.pass.tree.addChild(this.status.id, nodeName);
    throw new NodeFault(
      `step group deemed errored due to child ${nodeName} error: ${error.message}`,
    );
  }

  private skip(
    member: Member,
    message: string,
    phase: 'Skipped' | 'Error' = 'Skipped',
  ): void {
    const name = `${this.name}.${member.name}`;
    if (!this.pass.tree.find(name))
      this.pass.tree.add({
        ...namesOf({
          nodeName: name,
          displayName: member.name,
          holder: member,
          arguments: {},
          boundaryID: this.boundary.id,
          depth: this.call.depth,
        }),
        type: 'Skipped',
        phase,
        message,
      });
    this.pass.tree.addChild(this.status.id, name);
  }

  private assess(): NodeStatus {
    const { pass } = this;
    const { tree } = pass;
    const before = { ...this.status };
    let completed = true;
    for (const child of tree.childrenOf(this.status)) {
      const member = this.members.get(child.name);
      this.values.texts[`steps.${child.displayName}.status`] = child.phase;
      const place = member && this.placeOf(member);
      if (place && !this.hooksLetGo(child, place)) return before;
      if (!isFulfilled(child)) completed = false;
      else if (place && isCompleted(child))
        completed = executeExitHook(pass, child, place) && completed;
    }
    if (!completed)
      return isFulfilled(before) ? tree.force(this.status, 'Running') : before;
    const broken = tree
      .childrenOf(this.status)
      .find(
        child =>
          isBroken(child) && !continuesOn(this.members.get(child.name), child),
      );
    return broken
      ? tree.force(this.status, 'Failed', `child '${broken.id}' failed`)
      : tree.force(this.status, 'Succeeded');
  }

  // A fault of a hook ends the group.
  private hooksLetGo(child: NodeStatus, place: HookPlace): boolean {
    try {
      return executeLifecycleHooks(this.pass, child, place);
    } catch (error) {
      if (!(error instanceof NodeFault)) throw error;
      this.pass.tree.force(this.status, 'Error', error.message);
      return false;
    }
  }

  private placeOf(member: Member): HookPlace | undefined {
    if (!member.hooks && !member.onExit) return undefined;
    return {
      hooks: member.hooks,
      onExit: member.onExit,
      boundaryID: this.boundary.id,
      scope: this.processed.scope,
      prefix: `steps.${member.name}`,
      values: this.values,
      depth: this.call.depth,
    };
  }

  /** Adds what a member gave to the words of later groups. */
  addValues(member: Member): void {
    const { pass, values } = this;
    const prefix = `steps.${member.name}`;
    const node = pass.tree.find(`${this.name}.${member.name}`);
    if (node) {
      const template = templateOf(pass, member, this.processed);
      addNodeValues(pass, values, prefix, node, template);
      return;
    }
    const start = `${this.name}.${member.name}(`;
    const children = Object.values(pass.state.nodes).filter(
      child =>
        child.boundaryID === this.boundary.id &&
        child.type !== 'Skipped' &&
        child.name.startsWith(start),
    );
    if (children.length > 0) {
      if (member.inline) throw new NodeFault('failed to get a template');
      addLoopValues(values, prefix, children);
    }
    // What a loop is called as a whole is what its group is.
    addNodeValues(pass, values, prefix, this.status, undefined);
  }
}

/** The template that a member calls, as far as its outputs matter. */
export function templateOf(
  pass: Pass,
  member: Member,
  { scope }: Processed,
): Record<string, any> | undefined {
  try {
    return pass.resolve(member, scope).template;
  } catch (error) {
    if (error instanceof NodeFault) return undefined;
    throw error;
  }
}

/** Whether what comes next goes on although a member failed. */
export function continuesOn(
  member: Record<string, any> | undefined,
  { phase }: Pick<NodeStatus, 'phase'>,
): boolean {
  const { continueOn } = member ?? {};
  return (
    (phase === 'Error' && continueOn?.error === true) ||
    (phase === 'Failed' && continueOn?.failed === true)
  );
}
