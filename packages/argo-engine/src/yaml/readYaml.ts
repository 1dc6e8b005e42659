/*
 * Reads YAML that a stranger wrote. The size is capped before anything is parsed, since the parser's time grows with it;
 * the parser's own check for duplicate keys is quadratic (17 s for 600 KB), so it is off and done here in linear time.
 * Aliases are counted, deep nesting is refused before the parser meets it, and keys that would change an object's prototype are
 * faults. Every field keeps its place in the text.
 */
import {
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  visit,
  type Document,
  type Node,
  type Pair,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import type { Problem } from '../types';
import { withGoNumbers } from './goNumbers';
import {
  readEverydayYaml,
  type EverydayYaml,
} from './everyday/readEverydayYaml';
import type { FieldPath } from './fieldPath';

/** Caps of one file. @public */
export interface YamlLimits {
  /** Characters; default 262,144. */
  characters?: number;
  /** Values that a file may hold, roughly; default 20,000. */
  values?: number;
  /** Levels of nesting; default 64. */
  depth?: number;
  /** Aliases; default 100. */
  aliases?: number;
}

/** One document of a file: plain data, and where each field stands. @public */
export interface YamlDocument {
  value: unknown;
  /** Place of a field; of the nearest field around it when there is no such field. 1-based. */
  locate(path: FieldPath): { line: number; column: number };
}

const defaults = {
  characters: 262_144,
  values: 20_000,
  depth: 64,
  aliases: 100,
};
const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Reads all documents of a text. Never throws; what is wrong is in `problems`, and a document with an error is left out.
 *
 * @public
 */
export function readYaml(
  text: string,
  file: string,
  limits: YamlLimits = {},
): { documents: YamlDocument[]; problems: Problem[] } {
  const caps = { ...defaults, ...limits };
  const refused = refuseUnread(text, file, caps);
  if (refused) return { documents: [], problems: [refused] };
  const everyday = readEverydayYaml(text);
  if (everyday) return { documents: [locatedIn(text, everyday)], problems: [] };
  const { parsed, lines, problems } = parseWhole(text, file, { caps });
  return {
    documents: parsed
      .filter(document => document.contents !== null)
      .map(document => toDocument(document, lines)),
    problems,
  };
}

/** The parsed documents without faults, for those who change their text; `tokens` keeps what each value was read from. */
export function readParsed(
  text: string,
  file: string,
  { limits = {}, tokens = false }: { limits?: YamlLimits; tokens?: boolean },
): { parsed: Document[]; lines: LineCounter; problems: Problem[] } {
  const caps = { ...defaults, ...limits };
  const refused = refuseUnread(text, file, caps);
  return refused
    ? { parsed: [], lines: new LineCounter(), problems: [refused] }
    : parseWhole(text, file, { caps, tokens });
}

function parseWhole(
  text: string,
  file: string,
  { caps, tokens = false }: { caps: Required<YamlLimits>; tokens?: boolean },
): { parsed: Document[]; lines: LineCounter; problems: Problem[] } {
  const lines = new LineCounter();
  const problems: Problem[] = [];
  const parsed: Document[] = [];
  // The parser takes a byte order mark for a column.
  for (const document of parse(text.replace(/^\uFEFF/, ''), lines, tokens)) {
    const faults = faultsOf(document, file, lines, caps);
    problems.push(...faults);
    if (faults.length === 0) parsed.push(document);
  }
  return { parsed, lines, problems };
}

function parse(
  text: string,
  lines: LineCounter,
  keepSourceTokens: boolean,
): Document[] {
  const parsed = parseAllDocuments(text, {
    customTags: withGoNumbers,
    lineCounter: lines,
    keepSourceTokens,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  return Array.isArray(parsed) ? (parsed as Document[]) : [];
}

function refuseUnread(
  text: string,
  file: string,
  caps: Required<YamlLimits>,
): Problem | undefined {
  const fault = (code: string, message: string, offset = 0): Problem => ({
    file,
    ...placeIn(text, offset),
    code,
    message,
    severity: 'error',
  });
  if (text.length > caps.characters)
    return fault(
      'too-large',
      `The file has ${text.length} characters; at most ${caps.characters} are read.`,
    );
  const nul = text.indexOf('\0');
  if (nul >= 0)
    return fault('binary', 'The file is not text: it holds a zero byte.', nul);
  const { deepAt, values } = scan(text, caps.depth);
  if (deepAt >= 0)
    return fault(
      'too-deep',
      `The file nests more than ${caps.depth} levels deep.`,
      deepAt,
    );
  if (values > caps.values)
    return fault(
      'too-many-values',
      `The file holds about ${values} values; at most ${caps.values} are read.`,
    );
  return undefined;
}

// A cheap upper bound: brackets and indentation for depth, separators for the number of values.
function scan(text: string, depth: number): { deepAt: number; values: number } {
  let open = 0;
  let values = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x5b || code === 0x7b) open += 1;
    else if (code === 0x5d || code === 0x7d) open = Math.max(0, open - 1);
    else if (code === 0x0a || code === 0x2c) values += 1;
    if (open > depth * 4) return { deepAt: i, values };
  }
  return { deepAt: -1, values };
}

function placeIn(text: string, offset: number) {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return { line, column: offset - before.lastIndexOf('\n') };
}

function faultsOf(
  document: Document,
  file: string,
  lines: LineCounter,
  caps: Required<YamlLimits>,
): Problem[] {
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const problems: Problem[] = document.errors.map(error => ({
    file,
    ...at(error.pos[0]),
    code: 'yaml-syntax',
    message: `This is not valid YAML: ${error.message.split('\n')[0]}`,
    severity: 'error',
  }));
  const add = (offset: number, code: string, message: string) =>
    problems.push({ file, ...at(offset), code, message, severity: 'error' });
  let aliases = 0;
  visit(document, (_key, node, parents) => {
    if (parents.length > caps.depth * 2) {
      add(
        offsetOf(node),
        'too-deep',
        `The file nests more than ${caps.depth} levels deep.`,
      );
      return visit.BREAK;
    }
    if (isAlias(node) && ++aliases > caps.aliases) {
      add(
        offsetOf(node),
        'too-many-aliases',
        `The file uses more than ${caps.aliases} aliases (*name).`,
      );
      return visit.BREAK;
    }
    if (isAlias(node) && parents.includes(node.resolve(document) as Node))
      add(
        offsetOf(node),
        'circular-alias',
        `The alias *${node.source} stands inside of what it stands for.`,
      );
    if (isMap(node)) reportKeys(node.items, add);
    return undefined;
  });
  if (problems.length === 0 && aliases > 0) reportExpansion(document, add);
  return problems.slice(0, 100);
}

function reportKeys(
  items: { key: unknown }[],
  add: (offset: number, code: string, message: string) => void,
) {
  const seen = new Set<unknown>();
  for (const { key } of items) {
    const name = isScalar(key) ? key.value : undefined;
    if (!isScalar(key)) {
      add(offsetOf(key), 'bad-key', 'A key must be a plain word.');
      continue;
    }
    if (seen.has(name))
      add(
        offsetOf(key),
        'duplicate-key',
        `The key '${String(name)}' is given twice.`,
      );
    if (forbiddenKeys.has(String(name)))
      add(
        offsetOf(key),
        'bad-key',
        `The key '${String(name)}' is not allowed.`,
      );
    seen.add(name);
  }
}

// Aliases of aliases grow without bound: the parser counts while it expands, and gives up.
function reportExpansion(
  document: Document,
  add: (offset: number, code: string, message: string) => void,
) {
  try {
    document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    add(
      0,
      'too-many-aliases',
      `The aliases of the file cannot be expanded: ${(error as Error).message}`,
    );
  }
}

function locatedIn(
  text: string,
  { value, offsetOf: offset }: EverydayYaml,
): YamlDocument {
  let lines: LineCounter | undefined;
  return {
    value,
    locate(path) {
      lines ??= linesOf(text);
      const { line, col } = lines.linePos(offset(path));
      return { line, column: col };
    },
  };
}

function linesOf(text: string): LineCounter {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1))
    lines.addNewLine(at + 1);
  return lines;
}

function offsetOf(node: unknown): number {
  const range = (node as Node | undefined)?.range;
  if (range) return range[0];
  return isPair(node) ? offsetOf(node.key) : 0;
}

function toDocument(document: Document, lines: LineCounter): YamlDocument {
  const pairsOf = pairFinder();
  return {
    value: document.toJS({ maxAliasCount: 100 }),
    locate(path) {
      let node: unknown = document.contents;
      let offset = offsetOf(node);
      for (const part of path) {
        if (isAlias(node)) node = node.resolve(document);
        if (isMap(node)) {
          const pair = pairsOf(node).get(String(part));
          if (!pair) break;
          offset = offsetOf(pair.key);
          node = pair.value;
        } else if (isSeq(node) && typeof part === 'number') {
          if (node.items[part] === undefined) break;
          node = node.items[part];
          offset = offsetOf(node);
        } else break;
      }
      const { line, col } = lines.linePos(offset);
      return { line: Math.max(1, line), column: Math.max(1, col) };
    },
  };
}

// Who asks for one place of a map asks for more of them.
function pairFinder() {
  const known = new Map<YAMLMap, Map<string, Pair<Scalar, unknown>>>();
  return (map: YAMLMap) => {
    let pairs = known.get(map);
    if (!pairs) {
      pairs = new Map();
      for (const pair of map.items as Pair<Scalar, unknown>[])
        if (isScalar(pair.key)) pairs.set(String(pair.key.value), pair);
      known.set(map, pairs);
    }
    return pairs;
  };
}
