/*
 * A file that is about to be changed: its one document with the tokens that every value was read from, and how it is written.
 */
import {
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  parseAllDocuments,
  parseDocument,
  visit,
  type Alias,
  type Document,
  type Node,
} from 'yaml';
import { withGoNumbers } from '../goNumbers';
import { readParsed } from '../readYaml';
import type { YamlStyle } from './renderYaml';
import { lineStart } from './splices';
import { YamlEditError } from './YamlEditError';

/** @see openYaml */
export interface OpenYaml {
  text: string;
  document: Document;
  /** Plain data of the document; undefined when it is empty. */
  value: unknown;
  style: YamlStyle;
}

/** Reads a text that must be one document without a fault. */
export function openYaml(text: string): OpenYaml {
  const { parsed, problems } = readParsed(text, 'file', { tokens: true });
  const first = problems.find(problem => problem.severity === 'error');
  if (first)
    throw new YamlEditError(
      `No field of the file can be set, since it cannot be read: line ${first.line}, column ${first.column}: ${first.message}`,
      [],
    );
  const held = parsed.filter(document => !isNothing(document.contents));
  if (held.length > 1)
    throw new YamlEditError(
      `The file holds ${held.length} documents; fields are set only in a file with one.`,
      [],
    );
  const opened = opening(text, parsed);
  if (!opened) throw new YamlEditError('The file cannot be read as YAML.', []);
  return opened;
}

const options = {
  customTags: withGoNumbers,
  keepSourceTokens: true,
  uniqueKeys: false,
  prettyErrors: false,
  logLevel: 'silent',
} as const;

/** Undefined when the text is not one faultless document. */
export function parseOne(text: string): OpenYaml | undefined {
  return opening(text, parseAllDocuments(text, options) as Document[]);
}

function opening(text: string, all: Document[]): OpenYaml | undefined {
  const parsed: Document[] =
    all.length > 0 ? all : [parseDocument(text, options)];
  if (parsed.some(document => document.errors.length > 0)) return undefined;
  const held = parsed.filter(document => !isNothing(document.contents));
  const document = held[0] ?? parsed[0];
  if (held.length > 1) return undefined;
  try {
    const value = document.toJS({ maxAliasCount: 100 }) ?? undefined;
    return { text, document, value, style: styleOf(document, text) };
  } catch {
    return undefined;
  }
}

/** Whether no token stands for the node: the value was left out. */
export function isNothing(node: unknown): boolean {
  if (node === null || node === undefined) return true;
  return isScalar(node) && node.value === null && emptyToken(node);
}

function emptyToken(node: Node): boolean {
  const token = node.srcToken;
  return !token || !('source' in token) || token.source === '';
}

/** Aliases of the document, with the node that each stands for. */
export function aliasesOf(
  document: Document,
): { alias: Alias; target?: Node }[] {
  const found: { alias: Alias; target?: Node }[] = [];
  visit(document, {
    Alias(_key, alias) {
      found.push({ alias, target: alias.resolve(document) });
    },
  });
  return found;
}

/** All nodes of a subtree, itself among them. */
export function nodesWithin(node: unknown): Set<unknown> {
  const found = new Set<unknown>();
  const walk = (at: unknown) => {
    if (!isNode(at)) return;
    found.add(at);
    if (isAlias(at)) return;
    if (isMap(at))
      for (const pair of at.items) {
        walk(pair.key);
        walk(pair.value);
      }
    else if (isSeq(at)) at.items.forEach(walk);
  };
  walk(node);
  return found;
}

/** Column of a place, from 0. */
export function columnOf(text: string, offset: number): number {
  return offset - lineStart(text, offset);
}

// What most of the file does; two spaces, indented lists and single quotes where it says nothing.
function styleOf(document: Document, text: string): YamlStyle {
  const steps = new Map<number, number>();
  const dashes = new Map<number, number>();
  let double = 0;
  let single = 0;
  visit(document, {
    Scalar(_key, node) {
      if (node.type === 'QUOTE_DOUBLE') double += 1;
      if (node.type === 'QUOTE_SINGLE') single += 1;
    },
    Pair(_key, pair, parents) {
      const parent = parents.at(-1);
      const inner = pair.value;
      if (!isMap(parent) || parent.flow || !isCollection(inner) || inner.flow)
        return;
      const more =
        columnOf(text, inner.range![0]) - columnOf(text, parent.range![0]);
      const counts = isSeq(inner) ? dashes : steps;
      if (more >= 0 && more <= 9) counts.set(more, (counts.get(more) ?? 0) + 1);
    },
  });
  const step = most(steps) ?? most(dashes) ?? 2;
  return {
    step: step > 0 ? step : 2,
    dash: most(dashes) ?? (step > 0 ? step : 2),
    quote: double > single ? 'double' : 'single',
    // The end of a block is not said where the file does not end its last line.
    blocks: text === '' || text.endsWith('\n'),
  };
}

function most(counts: Map<number, number>): number | undefined {
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}
