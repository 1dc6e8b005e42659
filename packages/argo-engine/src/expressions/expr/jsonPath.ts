/*
 * `jsonpath(text, path)`: names, indexes, ranges, unions, wildcards, descendants, filters and scripts, as
 * evilmonkeyinc/jsonpath reads them. After a wildcard, a range or a filter, values that have no rest of the path are left out.
 */
import { readJson } from '../goJson';
import { isMap, typeName } from './values';

/** Evaluates the source of a filter or script, where `#` stands for the current value. */
export type Evaluate = (source: string, current: unknown) => unknown;

type Step =
  | { is: 'key'; key: string }
  | { is: 'index'; index: number }
  | { is: 'keys'; keys: string[] }
  | { is: 'indexes'; indexes: number[] }
  | { is: 'range'; from?: number; to?: number; by: number }
  | { is: 'all' | 'descendants' }
  | { is: 'filter' | 'script'; source: string };

/** A value by its path in a JSON text. Throws when the path or the text is none, or nothing is there. */
export function jsonPath(
  text: string,
  path: string,
  evaluate: Evaluate,
): unknown {
  const root = readJson(text).value;
  return new Walk(evaluate).at(root, stepsOf(path));
}

function stepsOf(path: string): Step[] {
  const refuse = (at: number): never => {
    throw new Error(
      `invalid JSONPath selector '${path}' unexpected token '${
        path[at] ?? ''
      }' at index ${at}`,
    );
  };
  if (path[0] !== '$') return refuse(0);
  const steps: Step[] = [];
  let at = 1;
  while (at < path.length) {
    if (path.startsWith('..', at)) {
      steps.push({ is: 'descendants' });
      at += path[at + 2] === '[' ? 2 : 1;
      continue;
    }
    const inner = path[at] === '[' ? bracketAt(path, at) : undefined;
    const name = /^\.([^.[]+)/.exec(path.slice(at));
    if (inner !== undefined) {
      steps.push(bracketStep(inner.trim()) ?? refuse(at));
      at += inner.length + 2;
    } else if (name) {
      steps.push(
        name[1] === '*' ? { is: 'all' } : { is: 'key', key: name[1].trim() },
      );
      at += name[0].length;
    } else return refuse(at);
  }
  return steps;
}

// Brackets and quotes may stand inside a filter.
function bracketAt(path: string, start: number): string | undefined {
  let depth = 0;
  let quoted = '';
  for (let at = start; at < path.length; at++) {
    const char = path[at];
    if (quoted) quoted = char === quoted ? '' : quoted;
    else if (char === "'" || char === '"') quoted = char;
    else if (char === '[') depth += 1;
    else if (char === ']') depth -= 1;
    if (depth === 0) return path.slice(start + 1, at);
  }
  return undefined;
}

function bracketStep(inner: string): Step | undefined {
  if (inner === '*') return { is: 'all' };
  const script = /^(\??)\((.*)\)$/s.exec(inner);
  if (script) return { is: script[1] ? 'filter' : 'script', source: script[2] };
  if (/^-?\d+$/.test(inner)) return { is: 'index', index: Number(inner) };
  const range = /^(-?\d+)?:(-?\d+)?(?::(-?\d+)?)?$/.exec(inner);
  if (range) {
    const [from, to, by] = range
      .slice(1)
      .map(part => (part === undefined ? undefined : Number(part)));
    return by === 0 ? undefined : { is: 'range', from, to, by: by ?? 1 };
  }
  const keys = inner.match(/'[^']*'|"[^"]*"/g) ?? [];
  if (keys.length > 0 && keys.join(',') === inner.replace(/\s*,\s*/g, ',')) {
    const names = keys.map(key => key.slice(1, -1));
    return names.length === 1
      ? { is: 'key', key: names[0] }
      : { is: 'keys', keys: names };
  }
  return /^-?\d+(\s*,\s*-?\d+)+$/.test(inner)
    ? { is: 'indexes', indexes: inner.split(',').map(Number) }
    : undefined;
}

const missing = (key: string): never => {
  throw new Error(`key: invalid token key '${key}' not found`);
};

class Walk {
  constructor(private readonly evaluate: Evaluate) {}

  at(value: unknown, [step, ...rest]: Step[]): unknown {
    if (!step) return value;
    switch (step.is) {
      case 'key':
        return this.at(this.key(value, step.key), rest);
      case 'index':
        return this.at(item(value, step.index), rest);
      case 'script': {
        const key = this.run(step.source, value);
        return typeof key === 'number'
          ? this.at(item(value, key), rest)
          : this.at(this.key(value, String(key)), rest);
      }
      case 'keys': {
        const found = step.keys.map(key => this.key(value, key));
        return this.at(found, rest);
      }
      case 'indexes':
        return this.each(
          step.indexes.map(index => item(value, index)),
          rest,
        );
      case 'range':
        return this.each(ranged(value, step), rest);
      case 'all':
        return this.each(children(value), rest);
      case 'filter':
        return this.each(
          children(value).filter(child => this.holds(step.source, child)),
          rest,
        );
      default:
        return this.descendants(value, rest);
    }
  }

  private key(value: unknown, key: string): unknown {
    if (isMap(value) && Object.hasOwn(value, key)) return value[key];
    if (key === 'length' && (Array.isArray(value) || typeof value === 'string'))
      return value.length;
    if (isMap(value)) return missing(key);
    throw new Error(
      `key: invalid token target. expected [map] got [${typeName(value)}]`,
    );
  }

  private each(values: unknown[], rest: Step[]): unknown[] {
    return values.flatMap(value => {
      try {
        return [this.at(value, rest)];
      } catch {
        return [];
      }
    });
  }

  private descendants(value: unknown, rest: Step[]): unknown[] {
    const below = children(value, []).flatMap(child =>
      this.descendants(child, rest),
    );
    if (rest.length === 0) return [value, ...below];
    const [own] = this.each([value], rest);
    const many = ['all', 'filter', 'range', 'keys', 'indexes'];
    if (own === undefined) return below;
    return many.includes(rest[0].is) && Array.isArray(own)
      ? [...own, ...below]
      : [own, ...below];
  }

  private holds(source: string, value: unknown): boolean {
    let found: unknown;
    try {
      found = this.run(source, value);
    } catch {
      return false;
    }
    return typeof found === 'boolean' ? found : found !== null;
  }

  private run(source: string, value: unknown): unknown {
    const own = source.replace(
      /'[^']*'|"[^"]*"|@\.length\b|@/g,
      part => ({ '@.length': 'len(#)', '@': '#' }[part] ?? part),
    );
    return this.evaluate(own, value);
  }
}

function children(value: unknown, otherwise?: unknown[]): unknown[] {
  if (Array.isArray(value)) return value;
  if (isMap(value))
    return Object.keys(value)
      .sort()
      .map(key => value[key]);
  if (otherwise) return otherwise;
  throw new Error(
    `invalid token target. expected [array map slice] got [${typeName(value)}]`,
  );
}

function item(value: unknown, index: number): unknown {
  if (!Array.isArray(value))
    throw new Error(
      `index: invalid token target. expected [array slice] got [${typeName(
        value,
      )}]`,
    );
  const place = index < 0 ? value.length + index : index;
  if (place < 0 || place >= value.length)
    throw new Error('index: invalid token out of range');
  return value[place];
}

function ranged(
  value: unknown,
  { from, to, by }: { from?: number; to?: number; by: number },
): unknown[] {
  if (!Array.isArray(value))
    throw new Error(
      `range: invalid token target. expected [array slice] got [${typeName(
        value,
      )}]`,
    );
  const cut = value.slice(from, to);
  const ordered = by < 0 ? cut.reverse() : cut;
  return ordered.filter((_, i) => i % Math.abs(by) === 0);
}
