/* eslint-disable jest/no-conditional-expect -- what is expected follows from the edit that was drawn */
import * as fc from 'fast-check';
import { parse as parseYaml } from 'yaml';
import { formatFieldPath, type FieldPath } from './fieldPath';
import { setInYaml } from './setInYaml';
import { randomOf, writeYaml, type WrittenPlace } from './writtenYaml';

const parse = (text: string) => parseYaml(text.replace(/^\uFEFF/, ''));

const values: unknown[] = [
  'plain',
  'yes',
  '1',
  '0x1',
  '',
  ' led',
  'trailed ',
  '- a',
  'a: b',
  'a #b',
  '🎃',
  "it's",
  '"',
  'two\nlines',
  'two\nlines\n',
  '\n',
  'x\n\n\n',
  ' in\nout',
  '{{x}}',
  '[',
  'a, b]',
  '---',
  '\u0007',
  'tab\there',
  '~',
  '*x',
  '&y',
  '!t',
  '%',
  '@',
  '`',
  '| x',
  '> y',
  '\\',
  'é\u2028',
  '2026-01-01',
  '1:30',
  0,
  -1.5,
  1e21,
  true,
  false,
  null,
  [],
  {},
  [1, 'a b'],
  { k: 'v', 'odd: key': [1, { deep: 'x\ny\n' }] },
  [{ name: 'n', value: '7' }, ['x']],
];

interface Made {
  text: string;
  at: FieldPath;
  place: WrittenPlace;
  parent?: WrittenPlace;
  kind: 'set' | 'remove' | 'add';
  value: unknown;
}

/** One edit of one file, by a seed. */
function makeEdit(seed: number): Made {
  const { text, places } = writeYaml(seed);
  const random = randomOf(seed ^ 0x5bd1e995);
  const place = places[random(places.length)];
  const value = values[random(values.length)];
  const parentOf = (at: FieldPath) =>
    places.find(
      other => JSON.stringify(other.at) === JSON.stringify(at.slice(0, -1)),
    );
  const within = place.kind === 'map' || place.kind === 'list';
  if (within && random(2) === 0) {
    const part = place.kind === 'list' ? place.size : 'fresh';
    const at = [...place.at, part];
    return { text, at, place, parent: place, kind: 'add', value };
  }
  const kind = random(4) === 0 ? 'remove' : 'set';
  const parent = parentOf(place.at);
  return { text, at: place.at, place, parent, kind, value };
}

/** The old data with the one place changed; copied first, so that aliases share nothing. */
function expected(text: string, { at, kind, value }: Made): unknown {
  const data = structuredClone(JSON.parse(JSON.stringify(parse(text))));
  const last = at.at(-1)!;
  const holder = at.slice(0, -1).reduce((on, part) => on[part], data);
  if (kind !== 'remove') holder[last] = value;
  else if (Array.isArray(holder)) holder.splice(last as number, 1);
  else delete holder[last];
  return data;
}

const json = (value: unknown) => JSON.parse(JSON.stringify(value));

/** Lines that must stay: all before the first and all after the last that the edit is about. */
function outside(
  made: Made,
  lines: string[],
): { before: string[]; after: string[] } {
  const { place, parent, kind } = made;
  // An only item takes its brackets: the line of the key around it says `{}` then.
  const around = kind === 'remove' && parent?.size === 1 ? parent : place;
  const first = kind === 'add' ? place.first : around.first;
  // Empty lines after a block that keeps them are its text.
  let last = around.last;
  const keeps = lines.slice(first, last + 1).some(line => line.endsWith('|+'));
  while (keeps && lines[last + 1]?.trim() === '') last += 1;
  return { before: lines.slice(0, first), after: lines.slice(last + 1) };
}

/** Empty lines are part of a block that keeps them, so they may go with it; a file without a last break may get one. */
function solid(text: string, lines: string[], loose: boolean): string[] {
  const strict = !loose && !/\|\+\r?\n/.test(text) && /\n$/.test(text);
  return strict ? lines : lines.filter(line => line.trim() !== '');
}

/** What follows a key behind a dash moves up to the dash, over empty lines. */
function moved({ kind }: Made, lines: string[]): string[] {
  return lines.map((line, index) =>
    kind === 'remove' && index === 0 ? line.replace(/^(\s*)- /, '$1  ') : line,
  );
}

/** A plain value for a plain value is a line for a line, with the comment behind it. */
function expectOneLine({ place, value }: Made, lines: string[], now: string[]) {
  if (place.kind !== 'scalar' || place.first !== place.last) return;
  if (String(value).includes('\n')) return;
  expect(now).toHaveLength(lines.length);
  const bare = lines[place.first].replace(/'[^']*'|"[^"]*"/g, 'q');
  const comment = /\s#.*$/.exec(bare)?.[0].trim() ?? '';
  expect(now[place.first].endsWith(comment)).toBe(true);
}

describe('any edit of any file', () => {
  it('changes only its lines and says what was meant', () => {
    let shared = 0;
    let done = 0;
    fc.assert(
      fc.property(fc.nat(0xffffffff), seed => {
        const made = makeEdit(seed);
        const { text, at, kind, value } = made;
        const edit = kind === 'remove' ? { at } : { at, value };
        let next: string;
        try {
          next = setInYaml(text, [edit]);
        } catch (error) {
          // The one thing that is refused: a place that stands at several.
          expect(String(error)).toMatch(
            /is an alias of|is used in line \d+ too/,
          );
          expect(text).toMatch(/\*a\d/);
          shared += 1;
          return;
        }
        done += 1;
        expect(json(parse(next))).toEqual(json(expected(text, made)));
        const eol = text.includes('\r\n') ? '\r\n' : '\n';
        expect(next.replaceAll(eol, '')).not.toContain('\n');
        expect(next.startsWith('\uFEFF')).toBe(text.startsWith('\uFEFF'));
        const lines = text.replace(/^\uFEFF/, '').split(eol);
        const now = next.replace(/^\uFEFF/, '').split(eol);
        const { before, after } = outside(made, lines);
        expect(now.slice(0, before.length)).toEqual(before);
        const behindDash = kind === 'remove' && after[0]?.trim() === '';
        const rest = solid(text, after, behindDash);
        const end = solid(text, now.slice(before.length), behindDash).slice(
          -rest.length,
        );
        if (rest.length > 0)
          expect(moved(made, end)).toEqual(moved(made, rest));
        if (kind === 'add' && !made.place.flow && made.place.size > 0) {
          // Nothing that stood there goes.
          let from = 0;
          for (const line of lines) {
            const found = now.indexOf(line, from);
            expect({ line, found: found >= from }).toEqual({
              line,
              found: true,
            });
            from = found + 1;
          }
          const added = now.length - lines.length;
          expect(added).toBeGreaterThan(0);
        }
        if (kind === 'set' && typeof value !== 'object')
          expectOneLine(made, lines, now);
      }),
      { numRuns: 1500, seed: 20261128 },
    );
    expect(done).toBeGreaterThan(1200);
    expect(shared).toBeGreaterThan(0);
  });

  it('undone by the edit back is the old data', () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), seed => {
        const made = makeEdit(seed);
        const { text, at, kind, value, place } = made;
        if (
          kind !== 'set' ||
          place.kind !== 'scalar' ||
          typeof value === 'object'
        )
          return;
        const data = parse(text);
        const old = at.reduce((on, part) => on[part], data);
        let there: string;
        try {
          there = setInYaml(text, [{ at, value }]);
        } catch {
          return;
        }
        const back = setInYaml(there, [{ at, value: old }]);
        expect({ at: formatFieldPath(at), data: json(parse(back)) }).toEqual({
          at: formatFieldPath(at),
          data: json(data),
        });
      }),
      { numRuns: 500, seed: 7 },
    );
  });
});
