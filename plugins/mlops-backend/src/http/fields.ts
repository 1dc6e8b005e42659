import { InputError } from '@backstage-mlops/mlops-core';
import type { Request } from 'express';

const show = (value: unknown) => {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 100 ? `${text.slice(0, 97)}...` : text;
};

const invalid = (field: string, value: unknown, expected: string) =>
  new InputError(
    `${field} must be ${expected}, not ${show(value)}.`,
    'invalid-field',
  );

/** A text of the query; undefined when it is not given. */
export function queryText(
  request: Request,
  name: string,
  limit = 200,
): string | undefined {
  const value = request.query[name];
  if (value === undefined || value === '') return undefined;
  if (typeof value !== 'string' || value.length > limit)
    throw invalid(name, value, `one text of at most ${limit} characters`);
  return value;
}

/** A whole number of the query between bounds. */
export function queryInteger(
  request: Request,
  name: string,
  options: { min: number; max: number; fallback: number },
): number {
  const text = queryText(request, name);
  if (text === undefined) return options.fallback;
  const number = Number(text);
  if (!/^\d{1,15}$/.test(text) || number < options.min || number > options.max)
    throw invalid(
      name,
      text,
      `a whole number between ${options.min} and ${options.max}`,
    );
  return number;
}

/** One of several words of the query. */
export function queryChoice<T extends string>(
  request: Request,
  name: string,
  choices: readonly T[],
): T | undefined {
  const text = queryText(request, name);
  if (text !== undefined && !choices.includes(text as T))
    throw invalid(name, text, `one of ${choices.join(', ')}`);
  return text as T | undefined;
}

/** A yes or no of the query; no when it is not given. */
export function queryFlag(request: Request, name: string): boolean {
  const text = queryText(request, name);
  if (text !== undefined && text !== 'true' && text !== 'false')
    throw invalid(name, text, 'true or false');
  return text === 'true';
}

/** Refuses what a query says beside the known names: a misspelt filter would answer everything. */
export function checkQuery(request: Request, known: string[]): void {
  // Read from the address, since the parsed query leaves out names such as `toString`.
  const query = request.originalUrl.split('?').slice(1).join('?');
  for (const key of new URLSearchParams(query).keys()) {
    const name = key.replace(/\[.*/s, '');
    if (!known.includes(name))
      throw new InputError(
        `'${name.slice(0, 100)}' is not a parameter of this request. ${
          known.length ? `Known: ${known.join(', ')}` : 'It takes none'
        }.`,
        'invalid-field',
      );
  }
}

/** The fields of a JSON body; ones beside the known are refused by name. */
export function bodyFields(
  request: Request,
  known?: string[],
): Record<string, unknown> {
  const body: unknown = request.body;
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw invalid('The body', body, 'a JSON object');
  for (const name of Object.keys(body))
    if (known && !known.includes(name))
      throw new InputError(
        `'${name.slice(
          0,
          100,
        )}' is not a field of this request. Known: ${known.join(', ')}.`,
        'invalid-field',
      );
  return body as Record<string, unknown>;
}

export function requiredText(
  fields: Record<string, unknown>,
  name: string,
  limit = 200,
): string {
  const value = fields[name];
  if (typeof value !== 'string' || value === '' || value.length > limit)
    throw invalid(name, value, `a text of 1 to ${limit} characters`);
  return value;
}

/** An object of texts; numbers and booleans become texts. */
export function textMap(
  fields: Record<string, unknown>,
  name: string,
): Record<string, string> {
  const value = fields[name] ?? {};
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(name, value, 'an object of names and values');
  const entries = Object.entries(value);
  if (entries.length > 200)
    throw invalid(name, `${entries.length} entries`, 'at most 200 entries');
  return Object.fromEntries(
    entries.map(([key, item]) => {
      if (!['string', 'number', 'boolean'].includes(typeof item))
        throw invalid(
          `${name}.${key.slice(0, 100)}`,
          item,
          'a text, a number or a boolean',
        );
      return [key, String(item)];
    }),
  );
}
