/* Reads fields of a request with MLflow's own messages. Source: mlflow/server/handlers.py and utils/validation.py. */
import { invalid } from './errors';

const seeDocs =
  'See the API docs for more information about request parameters.';

/** The fields of one request. */
export class Fields {
  constructor(
    private readonly values: Record<string, unknown>,
    private readonly prefix = '',
  ) {}

  private path(name: string): string {
    return `${this.prefix}${name}`;
  }

  raw(name: string): unknown {
    return this.values[name];
  }

  string(name: string, limit = 8000): string {
    const value = this.optionalString(name, limit);
    if (value === undefined || value === '')
      throw invalid(
        `Missing value for required parameter '${this.path(name)}'. ${seeDocs}`,
      );
    return value;
  }

  optionalString(name: string, limit = 8000): string | undefined {
    const value = this.values[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'string') throw this.wrong(name, value);
    if (value.length > limit)
      throw invalid(
        `'${this.path(
          name,
        )}' exceeds the maximum length of ${limit} characters`,
      );
    return value;
  }

  /** A whole number, also as a text. */
  optionalInteger(name: string): number | undefined {
    const value = this.values[name];
    if (value === undefined || value === null || value === '') return undefined;
    const number =
      typeof value === 'string' && /^-?\d+$/.test(value)
        ? Number(value)
        : value;
    if (typeof number !== 'number' || !Number.isFinite(number))
      throw this.wrong(name, value);
    return Math.trunc(number);
  }

  integer(name: string): number {
    const value = this.optionalInteger(name);
    if (value === undefined)
      throw invalid(
        `Missing value for required parameter '${this.path(name)}'. ${seeDocs}`,
      );
    return value;
  }

  list(name: string): Fields[] {
    const value = this.values[name];
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value)) throw this.wrong(name, value);
    return value.map((item, index) => {
      if (typeof item !== 'object' || item === null || Array.isArray(item))
        throw new Fields({ item }, '').wrong(`${name}[${index}]`, item);
      return new Fields(
        item as Record<string, unknown>,
        `${this.path(name)}[${index}].`,
      );
    });
  }

  strings(name: string): string[] {
    const value = this.values[name];
    if (value === undefined) return [];
    return (Array.isArray(value) ? value : [value]).map(String);
  }

  object(name: string): Fields {
    const value = this.values[name];
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw invalid(
        `Missing value for required parameter '${this.path(name)}'. ${seeDocs}`,
      );
    return new Fields(value as Record<string, unknown>, `${this.path(name)}.`);
  }

  wrong(name: string, value: unknown) {
    return invalid(
      `Invalid value ${JSON.stringify(value)} for parameter '${this.path(
        name,
      )}' supplied:  Hint: Value was of type '${typeWord(value)}'. ${seeDocs}`,
    );
  }

  maxResults(fallback: number, limit: number): number {
    const value = this.optionalInteger('max_results') ?? fallback;
    if (value <= 0)
      throw invalid(
        `Invalid value ${value} for parameter 'max_results' supplied. It must be a positive integer`,
      );
    if (value > limit) throw this.wrong('max_results', value);
    return value;
  }

  /** Offset of a page. */
  offset(): number {
    const token = this.optionalString('page_token');
    if (!token) return 0;
    const text = Buffer.from(token, 'base64').toString('utf8');
    const offset = Number(/^\{"offset":\s*(\d{1,15})\}$/.exec(text)?.[1]);
    if (!Number.isSafeInteger(offset))
      throw invalid(`Invalid page token, could not base64-decode`);
    return offset;
  }
}

/** Token of the next page. */
export const pageToken = (offset: number) =>
  Buffer.from(JSON.stringify({ offset })).toString('base64');

function typeWord(value: unknown): string {
  if (value === null) return 'NoneType';
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'number')
    return Number.isInteger(value) ? 'int' : 'float';
  return (
    { string: 'str', boolean: 'bool', object: 'dict' }[
      typeof value as string
    ] ?? 'NoneType'
  );
}

const keyPattern = /^[/\w.\- :]*$/;

// As a path is read, from left to right.
function resolvedName(key: string): string {
  const parts: string[] = [];
  for (const part of key.split('/'))
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  return `${key.startsWith('/') ? '/' : ''}${parts.join('/')}` || '.';
}

/** A key of a metric, param or tag, which MLflow also uses as a path. */
export function checkKey(
  key: string,
  kind: 'metric' | 'parameter' | 'tag',
): string {
  const fail = (why: string) =>
    invalid(
      `Invalid value "${key.slice(
        0,
        300,
      )}" for parameter 'name' supplied: Names ${why}`,
    );
  if (!keyPattern.test(key))
    throw fail(
      'may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon(:) and slashes (/).',
    );
  const resolved = resolvedName(key);
  if (resolved !== key || /^(\/|\.$|\.\.)/.test(key))
    throw fail(
      `may be treated as files in certain cases, and must not resolve to other names when treated as such. This name would resolve to '${resolved.slice(
        0,
        300,
      )}'`,
    );
  if (key.length > 250)
    throw invalid(`${kind} name exceeds the maximum length of 250 characters`);
  return key;
}
