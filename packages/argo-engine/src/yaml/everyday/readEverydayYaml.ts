/*
 * The YAML that people write every day (blocks, flow collections, one-line scalars, literal blocks), in a tenth of the time of the whole
 * parser. Whatever else a text holds, a fault above all, is not read here: the answer is undefined, and the whole parser reads it.
 * A property holds that both give the same value and the same places.
 */
import type { FieldPath } from '../fieldPath';
import { EverydayReader, type Places } from './EverydayReader';
import { unusual } from './scalars';

/** A document of everyday YAML. */
export interface EverydayYaml {
  value: unknown;
  /** Offset of a field; of the nearest field around it when there is no such field. */
  offsetOf(path: FieldPath): number;
}

// Tabs, carriage returns, control characters, marks of byte order, and separators that JavaScript takes for the end of a line.
const oddCharacter = /[^\n\x20-\x7e\xa0-\u2027\u202a-\ufefe\uff00-\uffff]/;
const marker = /^(?:---|\.\.\.|%)/m;

/** Reads a text; undefined when it is more than everyday YAML. Never throws. */
export function readEverydayYaml(text: string): EverydayYaml | undefined {
  if (oddCharacter.test(text)) return undefined;
  const from = text.startsWith('---\n') ? 4 : 0;
  if (marker.test(from ? text.slice(from) : text)) return undefined;
  try {
    const { value } = new EverydayReader(text).read(from);
    let places: Located | undefined;
    return {
      value,
      // Hardly any file is asked for a place, so they are kept by a second reading.
      offsetOf: path => find((places ??= locate(text, from)), path),
    };
  } catch (error) {
    if (error === unusual) return undefined;
    throw error;
  }
}

/** Whether a text is everyday YAML, which is read in no time; other texts take the whole parser. @public */
export function isEverydayYaml(text: string): boolean {
  return readEverydayYaml(text) !== undefined;
}

interface Located {
  value: unknown;
  start: number;
  places: Places;
}

function locate(text: string, from: number): Located {
  const places: Places = new Map();
  return { ...new EverydayReader(text, places).read(from), places };
}

function find({ value: top, start, places }: Located, path: FieldPath): number {
  let value = top as any;
  let offset = start;
  for (const part of path) {
    const at = places.get(value);
    const key = at instanceof Map ? String(part) : part;
    const found = at instanceof Map ? at.get(String(part)) : at?.[Number(part)];
    if (found === undefined || (Array.isArray(at) && typeof part !== 'number'))
      break;
    offset = found;
    value = value[key];
  }
  return offset;
}
