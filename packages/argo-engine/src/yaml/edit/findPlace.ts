/*
 * The walk from the top of a document to the place that an edit names. What stands at several places through an anchor is never
 * changed at all of them by an edit that names one.
 */
import {
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { formatFieldPath, type FieldPath } from '../fieldPath';
import { aliasesOf, isNothing, nodesWithin, type OpenYaml } from './openYaml';
import { YamlEditError } from './YamlEditError';

/** Where a value stands, or would stand. */
export interface YamlPlace {
  at: FieldPath;
  /** Absent when the document is empty, or what is around the place is an empty value. */
  parent?: YAMLMap | YAMLSeq;
  /** The pair or item that stands there now. */
  pair?: Pair;
  node?: unknown;
  /** Whether something stands there now. */
  there: boolean;
  /** Within brackets. */
  flow: boolean;
  /** The place that this one is in. */
  around?: YamlPlace;
}

/** Walks to the place; throws when something on the way is missing, doubled or an alias. */
export function findPlace(open: OpenYaml, at: FieldPath): YamlPlace {
  let place: YamlPlace = {
    at: [],
    node: open.document.contents ?? undefined,
    there: !isNothing(open.document.contents),
    flow: false,
  };
  for (let depth = 0; depth < at.length; depth++)
    place = step(place, at.slice(0, depth + 1), at);
  return place;
}

function step(around: YamlPlace, at: FieldPath, whole: FieldPath): YamlPlace {
  const part = at.at(-1)!;
  const { node } = around;
  const refuse = (message: string): never => {
    throw new YamlEditError(`${message} (setting ${named(whole)}).`, whole);
  };
  if (around.at.length > 0 && !around.there)
    refuse(`${named(around.at)} is not there`);
  if (isAlias(node))
    refuse(
      `${named(around.at)} is an alias of '&${
        node.source
      }', which stands elsewhere: set the field there, or write it out here first`,
    );
  const flow = around.flow || (isCollection(node) && Boolean(node.flow));
  if (isNothing(node)) {
    if (typeof part === 'number' && part !== 0)
      refuse(`${named(around.at)} has no item ${part}`);
    return { at, there: false, flow, around };
  }
  if (isMap(node)) {
    const key = String(part);
    const pairs = node.items.filter(
      pair => isScalar(pair.key) && String(pair.key.value) === key,
    );
    if (typeof part === 'number' && pairs.length === 0)
      refuse(`${named(around.at)} is no list`);
    if (pairs.length > 1) refuse(`${named(at)} is given ${pairs.length} times`);
    const pair = pairs[0];
    return {
      at,
      parent: node,
      pair,
      node: pair?.value,
      there: Boolean(pair),
      flow,
      around,
    };
  }
  if (isSeq(node)) {
    if (typeof part !== 'number' || !Number.isInteger(part) || part < 0)
      return refuse(`${named(around.at)} is a list; '${part}' is no index`);
    if (part > node.items.length)
      refuse(
        `${named(around.at)} has ${
          node.items.length
        } items, so there is no item ${part}`,
      );
    const there = part < node.items.length;
    return {
      at,
      parent: node,
      node: there ? node.items[part] : undefined,
      there,
      flow,
      around,
    };
  }
  return refuse(`${named(around.at)} is a plain value and holds no fields`);
}

function named(at: FieldPath): string {
  return at.length === 0 ? 'The file' : `'${formatFieldPath(at)}'`;
}

/** Refuses an edit that would change, or cut off, what aliases elsewhere stand for. */
export function refuseShared(open: OpenYaml, place: YamlPlace): void {
  const aliases = aliasesOf(open.document);
  if (aliases.length === 0) return;
  const ways = new Set<unknown>();
  for (let up = place.around; up; up = up.around) ways.add(up.node);
  const within = nodesWithin(place.node);
  for (const { alias, target } of aliases) {
    const outside = target && within.has(target) && !within.has(alias);
    if (!outside && !ways.has(target)) continue;
    const line = lineOf(open.text, alias.range![0]);
    throw new YamlEditError(
      `${named(place.at)} ${outside ? 'holds' : 'is part of'} '&${
        alias.source
      }', which is used in line ${line} too: write it out there first, so that only one place changes.`,
      place.at,
    );
  }
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
