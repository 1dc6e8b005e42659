/* Any text is answered in a short time, with a value or an error. */
import fc from 'fast-check';
import { evaluateExpression } from './expr/evaluate';
import { readJson } from './goJson';
import { replaceTags } from './tags';
import { evaluateWhen } from './when';

const scope = {
  a: '1',
  'steps.x.outputs.result': 'heads',
  'steps.x-y.id': 'i',
};
const part = fc.constantFrom(
  ...'()[]{}.,?:!#|'.split(''),
  '&&',
  '||',
  '==',
  '??',
  '..',
  '**',
  'not',
  'in',
  'a',
  'nil',
  '1',
  '"x"',
  "'",
  'map',
  'filter',
  'sprig.',
  'steps',
  '{{',
  '}}',
  '{{=',
  'constructor',
  '__proto__',
);
const texts = fc.oneof(
  fc.string(),
  fc.array(part, { maxLength: 30 }).map(parts => parts.join(' ')),
  fc.array(part, { maxLength: 30 }).map(parts => parts.join('')),
);

/** Why a text was not answered well; undefined when it was. */
function faultOf(work: () => unknown): string | undefined {
  const began = performance.now();
  let message = '';
  try {
    work();
  } catch (error) {
    if (!(error instanceof Error)) return `threw ${String(error)}`;
    ({ message } = error);
  }
  const ms = performance.now() - began;
  // What grows with the length of a text alone is far from it, on the slowest machine too.
  if (ms > 30_000) return `took ${ms} ms`;
  return /Maximum call stack/.test(message) ? message : undefined;
}

it.each([
  ['an expression', (text: string) => evaluateExpression(text, { ...scope })],
  ['a condition', evaluateWhen],
  ['a text with tags', (text: string) => replaceTags(text, scope)],
  ['JSON', readJson],
] as const)('%s', (_name, work) => {
  fc.assert(
    fc.property(texts, text =>
      expect(faultOf(() => work(text))).toBeUndefined(),
    ),
    { numRuns: 2000 },
  );
  for (const text of [
    '('.repeat(100_000),
    '['.repeat(100_000),
    '!'.repeat(100_000),
    '-'.repeat(100_000),
    `"${'x'.repeat(1_000_000)}"`,
    '{{'.repeat(100_000),
    '{{=1}}'.repeat(20_000),
    '1+'.repeat(50_000),
    `${'1+'.repeat(40_000)}1`,
    `${'1 - '.repeat(20_000)}1 == 1`,
    `a${'.b'.repeat(40_000)}`,
    "'a' =~ '(a+)+$'",
    'repeat("x", 1e9)',
    'map(0..99999, {map(0..99999, {#})})',
  ])
    expect(faultOf(() => work(text))).toBeUndefined();
});

it('reaches nothing of the host', () => {
  for (const text of [
    'constructor',
    '"".constructor',
    'a.__proto__',
    '$env.constructor',
    'toString()',
    'sprig.constructor("x")',
    '{}.constructor',
  ]) {
    let value: unknown;
    try {
      value = evaluateExpression(text, { a: {} });
    } catch (error) {
      value = error;
    }
    expect(typeof value).not.toBe('function');
    expect(value === null || value instanceof Error).toBe(true);
  }
});

it('knows the language', () => {
  const cases: [string, unknown][] = [
    ['1 + 2 * 3', 7],
    ['7 / 2', 3.5],
    ['2 ** 3 ** 2', 512],
    ['-2 ** 2', -4],
    ['"a" in ["a", "b"]', true],
    ['"x" not in ["a"]', true],
    ['1 == 1.0', true],
    ['nil ?? "d"', 'd'],
    ['steps["x"]?.y ?? "none"', 'none'],
    ['map([1, 2, 3], # * 2)', [2, 4, 6]],
    ['filter(1..5, # > 3)', [4, 5]],
    ['[{n: 1}, {n: 2}] | map(.n) | sum()', 3],
    ['let x = 2; x * x', 4],
    ['true ? "y" : "n"', 'y'],
    ['"hello" contains "ell" && "x" startsWith "x"', true],
    ['asInt("12") + 1', 13],
    ['toJson({b: [1, "<"], a: nil})', '{"a":null,"b":[1,"\\u003c"]}'],
    ['sprig.upper("a") + sprig.trim(" b ")', 'Ab'],
    ['jsonpath("{\\"a\\": [{\\"b\\": 3}]}", "$.a[0].b")', 3],
    ['[1, 2, 3][-1]', 3],
    ['"abc"[1:]', 'bc'],
    ['len("é✓")', 2],
  ];
  for (const [text, wanted] of cases)
    expect([text, evaluateExpression(text, { steps: {} })]).toEqual([
      text,
      wanted,
    ]);
});
