/*
 * What steps and DAG tasks have in common: loops, conditions, and the call of their template. Source: expandStep and
 * expandTask of Argo's controller, processItem of util.
 */
import {
  goKind,
  JsonFault,
  readJson,
  type JsonItem,
} from '../expressions/goJson';
import { evaluateWhen } from '../expressions/when';
import {
  replaceTagsIn,
  type Scope,
  type TagOptions,
} from '../expressions/tags';
import { loopName } from './names';
import { NodeFault } from './Pass';
import { told } from './references';
import { sequenceItems } from './sequence';

/** A step or task after its references are known; a child of a loop has its item's name. */
export type Member = Record<string, any> & { name: string; template: string };

/** True for a loop. */
export const isLoop = (member: Record<string, any>) =>
  (member.withItems?.length ?? 0) > 0 ||
  (member.withParam ?? '') !== '' ||
  member.withSequence !== undefined;

/** An item of a loop: its value, and its text where it has a spelling of its own. */
interface Item {
  value: unknown;
  /** As a tag gives it. */
  text: string;
  /** As the name of the child has it: a quote inside stays escaped. */
  label: string;
  /** Of a map: `key:value` as the text spells them. */
  spelled?: string[];
}

const spell = (key: string, { kind, raw }: JsonItem) =>
  `${key}:${kind === 'string' ? raw.slice(1, -1) : raw}`;

// An item that runs must say all that it names.
const everyTag: TagOptions = {
  onUnknown: tag => {
    throw new NodeFault(`failed to resolve {{${tag}}}`);
  },
  onMissing: ([name]) => {
    throw new NodeFault(`failed to evaluate expression: ${name} is missing`);
  },
  onAbsent: tag => {
    throw new NodeFault(
      `unable to substitute ${tag}: output is an absent optional (skipped/omitted node with no default)`,
    );
  },
};

/** The members that a loop stands for; the member itself when it is none. */
export function expand(member: Member, scope: Scope): Member[] {
  if (!isLoop(member)) return [member];
  const {
    withItems: _items,
    withParam: _param,
    withSequence: _seq,
    ...rest
  } = member;
  const { run, fault } = shouldRun(member);
  const mayStay = !fault && !run;
  const items = mayStay ? itemsIfAny(member) : itemsOf(member);
  return items.map((item, index) => {
    const { name: _name, ...body } = rest;
    const replaced = told(() =>
      replaceTagsIn(
        body,
        { ...scope, ...itemScope(item) },
        mayStay ? {} : everyTag,
      ),
    );
    return {
      ...(replaced as Member),
      template: member.template,
      name: loopName(
        member.name,
        index,
        item.spelled ? item.spelled.sort().join(',') : item.value,
        item.spelled ? item.spelled.join(',') : item.label,
      ),
    };
  });
}

// What does not run needs no list.
function itemsIfAny(member: Member): Item[] {
  try {
    return itemsOf(member);
  } catch (error) {
    if (error instanceof NodeFault) return [];
    throw error;
  }
}

function itemsOf(member: Member): Item[] {
  if (member.withItems?.length)
    return (member.withItems as unknown[]).map(value => ({
      value,
      text: textOf(value),
      label: JSON.stringify(value ?? null).replace(/^"|"$/g, ''),
    }));
  if (member.withSequence)
    return sequenceItems(member.withSequence).map(text => ({
      value: text,
      text,
      label: text,
    }));
  return listItems(String(member.withParam).trim());
}

function listItems(text: string): Item[] {
  const fail = (reason: string): never => {
    throw new NodeFault(
      `withParam value could not be parsed as a JSON list: ${text}: ${reason}`,
    );
  };
  let list: JsonItem & { items?: JsonItem[] };
  try {
    list = readJson(text);
  } catch (error) {
    if (error instanceof JsonFault) return fail(error.message);
    throw error;
  }
  if (list.kind === 'null') return [];
  if (!list.items)
    return fail(
      `json: cannot unmarshal ${goKind(
        list.kind,
      )} into Go value of type []v1alpha1.Item`,
    );
  return list.items.map(({ kind, raw, value, entries }) => ({
    value,
    ...(entries
      ? { spelled: entries.map(([key, item]) => spell(key, item)) }
      : {}),
    text: kind === 'string' || kind === 'map' ? textOf(value) : raw,
    label: kind === 'string' ? raw.slice(1, -1) : raw,
  }));
}

// The keys of a map are sorted, as Go does it.
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return JSON.stringify(value ?? null);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries
    .map(([key, item]) => `${JSON.stringify(key)}:${JSON.stringify(item)}`)
    .join(',')}}`;
}

function itemScope({ value, text }: Item): Scope {
  const scope: Scope = { item: text };
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    for (const [key, inner] of Object.entries(value))
      scope[`item.${key}`] = textOf(inner);
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
