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
import { toGoJson } from '../expressions/expr/values';
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

/** An item of a loop. */
interface Item {
  /** As the name of the child has it. */
  label: string;
  /** What the child can say of it. */
  words: Scope;
}

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
      replaceTagsIn(body, { ...scope, ...item.words }, mayStay ? {} : everyTag),
    );
    return {
      ...(replaced as Member),
      template: member.template,
      name: loopName(member.name, index, item.label),
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
    return readJson(JSON.stringify(member.withItems)).items!.map(itemOf);
  if (member.withSequence)
    return sequenceItems(member.withSequence).map(text => ({
      label: text,
      words: { item: text },
    }));
  return listItems(String(member.withParam).trim());
}

function listItems(text: string): Item[] {
  const fail = (reason: string): never => {
    throw new NodeFault(
      `withParam value could not be parsed as a JSON list: ${text}: ${reason}`,
    );
  };
  let list: JsonItem;
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
  return list.items.map(itemOf);
}

// Numbers keep their spelling everywhere, texts inside a map or list their escapes.
function itemOf({ kind, raw, value, entries, items }: JsonItem): Item {
  if (kind === 'string')
    return { label: spell({ kind, raw }), words: { item: value as string } };
  if (entries) {
    const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
    const texts = sorted.map(([key, item]) => `${toGoJson(key)}:${item.raw}`);
    const words: Scope = { item: `{${withEscapes(texts.join(','))}}` };
    for (const [key, item] of sorted) words[`item.${key}`] = spell(item);
    const labels = sorted.map(([key, item]) => `${key}:${spell(item)}`).sort();
    return { label: labels.join(','), words };
  }
  const words = { item: withEscapes(raw) };
  if (items) return { label: `[${items.map(spell).join(' ')}]`, words };
  return { label: kind === 'null' ? '[]' : raw, words };
}

const spell = ({ kind, raw }: Pick<JsonItem, 'kind' | 'raw'>) =>
  kind === 'string' ? raw.slice(1, -1) : raw;

// Go's encoder writes these so, in texts of JSON too.
const withEscapes = (json: string) =>
  json.replace(
    /[<>&\u2028\u2029]/g,
    char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

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
