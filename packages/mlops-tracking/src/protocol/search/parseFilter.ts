/*
 * MLflow's filter language: comparisons joined by AND. It is a part of SQL as its parser reads it, so an AND too many or too few does
 * no harm, and a quote in a text is written with the other kind of quote. What may be compared with what is said by `SearchTarget`.
 */
import { invalid } from '../errors';

/** One comparison as it is written. */
export interface Comparison {
  /** The word before the first dot, if there is one. */
  entity?: string;
  key: string;
  operator: string;
  value: FilterValue;
}

export type FilterValue =
  | { kind: 'text'; text: string; shown: string }
  | { kind: 'number'; number: number; shown: string }
  | { kind: 'list'; texts: string[]; shown: string }
  | { kind: 'word'; shown: string }
  | { kind: 'none'; shown: string };

const space = /\s*/y;
const word = /[\p{L}\p{N}_][\p{L}\p{N}_.]*/uy;
const quoted = /`[^`]*`|"(?:""|\\"|[^"])*"|'(?:''|\\'|[^'])*'/y;
const numeral = /-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\p{L}\p{N}_])/uy;
const operators =
  /(?:>=|<=|!=|<>|==|=|<|>|(?:NOT\s+LIKE|NOT\s+ILIKE|NOT\s+IN|IS\s+NOT\s+NULL|IS\s+NULL|RLIKE|ILIKE|LIKE|IN)(?![\p{L}\p{N}_]))/iuy;

/** Comparisons of a filter; a fault names the clause that is none. */
export function parseFilter(filter: string): Comparison[] {
  const reader = new Reader(filter);
  const found: Comparison[] = [];
  while (!reader.isAtEnd()) {
    if (reader.takeWord('AND')) continue;
    const from = reader.at;
    const comparison = readComparison(reader);
    if (!comparison)
      throw invalid(
        `Invalid clause(s) in filter string: '${clauseAt(filter, from)}'`,
      );
    found.push(comparison);
  }
  return found;
}

function readComparison(reader: Reader): Comparison | undefined {
  const names = readNames(reader);
  const operator = names && reader.take(operators)?.toUpperCase();
  const value = operator && readValue(reader, operator.replace(/\s+/g, ' '));
  if (!names || !operator || !value) return undefined;
  return { ...names, operator: operator.replace(/\s+/g, ' '), value };
}

// `tags.a.b` is key `a.b` of entity `tags`; a key with other characters is in quotes.
function readNames(reader: Reader) {
  const bare = reader.take(word);
  if (bare === undefined) {
    const key = reader.take(quoted);
    return key === undefined ? undefined : { key: key.slice(1, -1) };
  }
  const dot = bare.indexOf('.');
  if (dot < 0) return { key: bare };
  const entity = bare.slice(0, dot);
  if (dot < bare.length - 1) return { entity, key: bare.slice(dot + 1) };
  const key = reader.takeHere(quoted);
  return key === undefined ? undefined : { entity, key: key.slice(1, -1) };
}

function readValue(reader: Reader, operator: string): FilterValue | undefined {
  if (operator.startsWith('IS ')) return { kind: 'none', shown: 'NULL' };
  if (reader.takeMark('(')) return readList(reader);
  const text = reader.take(quoted);
  if (text !== undefined)
    return text.startsWith('`')
      ? undefined
      : { kind: 'text', text: text.slice(1, -1), shown: text };
  const number = reader.take(numeral);
  if (number !== undefined)
    return { kind: 'number', number: Number(number), shown: number };
  const bare = reader.take(word);
  return bare === undefined ? undefined : { kind: 'word', shown: bare };
}

function readList(reader: Reader): FilterValue | undefined {
  const shown: string[] = [];
  do {
    const text = reader.take(quoted);
    if (text === undefined || text.startsWith('`')) return undefined;
    shown.push(text);
  } while (reader.takeMark(','));
  return reader.takeMark(')')
    ? {
        kind: 'list',
        texts: shown.map(text => text.slice(1, -1)),
        shown: `(${shown.join(', ')})`,
      }
    : undefined;
}

// The first word of what is no comparison, as `OR`; more when it is one until something is wrong with it.
function clauseAt(filter: string, from: number): string {
  const rest = filter.slice(from).trim();
  const joined = /^(?:OR|NOT)\b/i.exec(rest);
  return (joined ? joined[0] : rest).slice(0, 100);
}

class Reader {
  at = 0;

  constructor(private readonly text: string) {}

  isAtEnd(): boolean {
    this.take(space);
    return this.at >= this.text.length;
  }

  /** What a sticky pattern finds after space. */
  take(pattern: RegExp): string | undefined {
    if (pattern !== space) this.take(space);
    return this.takeHere(pattern);
  }

  takeHere(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at = pattern.lastIndex;
    return found;
  }

  takeMark(mark: string): boolean {
    this.take(space);
    if (this.text[this.at] !== mark) return false;
    this.at += 1;
    return true;
  }

  takeWord(wanted: string): boolean {
    const before = this.at;
    if (this.take(word)?.toUpperCase() === wanted) return true;
    this.at = before;
    return false;
  }
}
