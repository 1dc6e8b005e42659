/*
 * Steps: groups one after the other, the members of a group side by side. Source: Argo's workflow/controller/steps.go.
 */
import type { NodeStatus } from '../types';
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
import { isBroken, isFulfilled } from './Tree';

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
  for (let index = 0; index < groups.length; index++) {
    const group = groupNode(pass, node, index);
    if (!isFulfilled(group))
      executeGroup(pass, call, {
        group,
        members: groups[index],
        values,
        caller: processed.template,
        boundary: node,
      });
    if (!isFulfilled(group)) return node;
    if (isBroken(group)) {
      node.outboundNodes = lastOutbound(pass, group);
      return pass.tree.mark(node, 'Failed', group.message);
    }
    groups[index].forEach(member =>
      addMemberValues(pass, values, group, member),
    );
  }
  node.outboundNodes = lastOutbound(
    pass,
    groupNode(pass, node, groups.length - 1),
  );
  const outputs = templateOutputs(processed.template, values);
  if (outputs) node.outputs = outputs;
  return pass.tree.mark(node, 'Succeeded');
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
  const before =
    index > 0 ? pass.tree.find(`${parent.name}[${index - 1}]`) : undefined;
  const hooks = before ? lastOutbound(pass, before) : [parent.id];
  hooks.forEach(id => pass.tree.addChild(id, name));
  return created;
}

function lastOutbound(pass: Pass, group: NodeStatus): string[] {
  const ids = group.children.flatMap(child => pass.tree.outbound(child));
  return ids.length > 0 ? ids : [group.id];
}

interface Group {
  group: NodeStatus;
  members: Member[];
  values: Values;
  caller: Template;
  boundary: NodeStatus;
}

function executeGroup(
  pass: Pass,
  call: Call,
  { group, members, values, caller, boundary }: Group,
): void {
  try {
    for (const written of members) {
      const member = resolve(written, values);
      const expanded = expand(member);
      if (expanded.length === 0) skip(pass, group, boundary, member, emptyLoop);
      for (const one of expanded)
        executeMember(pass, call, {
          group,
          boundary,
          caller,
          member: one,
          written,
        });
    }
  } catch (error) {
    if (!(error instanceof NodeFault)) throw error;
    pass.tree.mark(group, 'Error', error.message);
    return;
  }
  assess(pass, group);
}

// A condition that cannot be read is found with the references, before a node is made; a loop's may still need its item.
function resolve(written: Member, values: Values): Member {
  const member = resolveMember(written, values) as Member;
  const { fault } = isLoop(member) ? { fault: undefined } : shouldRun(member);
  if (fault) throw new NodeFault(`failed to resolve references: ${fault}`);
  return member;
}

function executeMember(
  pass: Pass,
  call: Call,
  {
    group,
    boundary,
    caller,
    member,
    written,
  }: {
    group: NodeStatus;
    boundary: NodeStatus;
    caller: Template;
    member: Member;
    written: Member;
  },
): void {
  const nodeName = `${group.name}.${member.name}`;
  if (!pass.tree.find(nodeName)) {
    const { run, fault } = shouldRun(member);
    if (fault) {
      skip(pass, group, boundary, member, fault, 'Error');
      throw new NodeFault(fault);
    }
    if (!run) {
      skip(pass, group, boundary, member, whenFalse(member));
      return;
    }
  }
  pass.tree.addChild(group.id, nodeName);
  const child = executeTemplate(pass, {
    nodeName,
    displayName: member.name,
    templateName: member.template,
    arguments: member.arguments ?? {},
    boundaryID: boundary.id,
    caller,
    memberName: written.name,
    extra: { 'steps.name': member.name },
    depth: call.depth + 1,
  });
  if (child.type === 'Skipped' && child.phase === 'Error')
    throw new NodeFault(
      `step group deemed errored due to child ${nodeName} error: ${child.message}`,
    );
}

function skip(
  pass: Pass,
  group: NodeStatus,
  boundary: NodeStatus,
  member: Member,
  message: string,
  phase: 'Skipped' | 'Error' = 'Skipped',
): void {
  const name = `${group.name}.${member.name}`;
  if (!pass.tree.find(name))
    pass.tree.add({
      name,
      displayName: member.name,
      type: 'Skipped',
      phase,
      message,
      templateName: member.template,
      boundaryID: boundary.id,
    });
  pass.tree.addChild(group.id, name);
}

function assess(pass: Pass, group: NodeStatus): void {
  const children = group.children.map(id => pass.state.nodes[id]);
  if (!children.every(child => child && isFulfilled(child))) return;
  const broken = children.find(isBroken);
  if (broken) pass.tree.mark(group, 'Failed', `child '${broken.id}' failed`);
  else pass.tree.mark(group, 'Succeeded');
}

function addMemberValues(
  pass: Pass,
  values: Values,
  group: NodeStatus,
  member: Member,
): void {
  const prefix = `steps.${member.name}`;
  const node = pass.tree.find(`${group.name}.${member.name}`);
  if (node) addNodeValues(values, prefix, node, pass.template(member.template));
  else if (isLoop(member)) {
    const start = `${group.name}.${member.name}(`;
    const children = group.children
      .map(id => pass.state.nodes[id])
      .filter(child => child.name.startsWith(start));
    addLoopValues(values, prefix, children);
    values.texts[`${prefix}.status`] = group.phase;
  }
}
