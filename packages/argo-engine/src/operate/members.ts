/*
 * What steps and DAG tasks have in common: loops, conditions, and the call of their template.
 */
import { evaluateWhen } from '../expressions/when';
import { replaceTagsIn, type Scope } from '../expressions/tags';
import { loopName } from './names';
import { NodeFault } from './Pass';

/** A step or task after its references are known; a child of a loop has its item's name. */
export type Member = Record<string, any> & { name: string; template: string };

/** True for a loop. */
export const isLoop = (member: Record<string, any>) =>
  member.withItems !== undefined;

/** The members that a loop stands for; the member itself when it is none. */
export function expand(member: Member): Member[] {
  if (!isLoop(member)) return [member];
  const { withItems, ...rest } = member;
  if (!Array.isArray(withItems))
    throw new NodeFault(`withItems of '${member.name}' is not a list`);
  return withItems.map((item, index) => ({
    ...(replaceTagsIn(rest, itemScope(item)) as Member),
    name: loopName(member.name, index, item),
  }));
}

function itemScope(item: unknown): Scope {
  const text = (value: unknown) =>
    typeof value === 'string' ? value : JSON.stringify(value ?? null);
  const scope: Scope = { item: text(item) };
  if (typeof item === 'object' && item !== null && !Array.isArray(item))
    for (const [key, value] of Object.entries(item))
      scope[`item.${key}`] = text(value);
  return scope;
}

/** Whether the condition of a member lets it run. The message of a fault is Argo's. */
export function shouldRun(member: Member): { run: boolean; fault?: string } {
  if (typeof member.when !== 'string' || member.when === '')
    return { run: true };
  try {
    return { run: evaluateWhen(member.when) };
  } catch (error) {
    return { run: false, fault: (error as Error).message };
  }
}

/** Message of a member whose condition was false. */
export const whenFalse = (member: Member) =>
  `when '${member.when}' evaluated false`;
/** Message of a loop over nothing. */
export const emptyLoop = 'Skipped, empty params';
