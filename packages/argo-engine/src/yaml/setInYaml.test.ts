import { parse } from 'yaml';
import type { FieldPath } from './fieldPath';
import { setInYaml } from './setInYaml';

const set = (text: string, at: FieldPath, value?: unknown) =>
  setInYaml(text, [{ at, value }]);

const pipeline = `# How the model is made.
apiVersion: argoproj.io/v1alpha1
kind: WorkflowTemplate
metadata: { name: train } # flow

spec:
  entrypoint: main
  arguments:
    parameters:
      - name: epochs
        value: '120' # passes

      # The rate.
      - name: rate
        value: 0.30
        description: "How fast"
  templates:
    - name: main
      container: &box
        image: mlops-steps:22
        command: [node, src/train.ts]
        args:
          - --epochs={{workflow.parameters.epochs}}
`;

/** Lines that differ, as a diff shows them. */
function diff(before: string, after: string): string[] {
  const old = before.split('\n');
  const now = after.split('\n');
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head])
    head += 1;
  let tail = 0;
  while (
    tail < Math.min(old.length, now.length) - head &&
    old.at(-1 - tail) === now.at(-1 - tail)
  )
    tail += 1;
  return [
    ...old.slice(head, old.length - tail).map(line => `-${line}`),
    ...now.slice(head, now.length - tail).map(line => `+${line}`),
  ];
}

describe('a changed value', () => {
  it('is a diff of one line that keeps quotes and comment', () => {
    const at = ['spec', 'arguments', 'parameters', 0, 'value'];
    expect(diff(pipeline, set(pipeline, at, '200'))).toEqual([
      "-        value: '120' # passes",
      "+        value: '200' # passes",
    ]);
  });

  it.each([
    ["a: 'x'\n", "it's", "a: 'it''s'\n"],
    ['a: "x"\n', 'say "so"', 'a: "say \\"so\\""\n'],
    ['a: x\n', 'y z', 'a: y z\n'],
    ['a: x\n', 'yes', "a: 'yes'\n"],
    ['a: x\n', '1', "a: '1'\n"],
    ['a: x\n', '0x1', "a: '0x1'\n"],
    ['a: x\n', '1_000', "a: '1_000'\n"],
    ['a: x\n', '12:30:45', "a: '12:30:45'\n"],
    ['a: x\n', '2026-01-31', "a: '2026-01-31'\n"],
    ['a: x\n', '- a', "a: '- a'\n"],
    ['a: x\n', '-a', 'a: -a\n'],
    ['a: x\n', '--rate={{x}}', 'a: --rate={{x}}\n'],
    ['a: x\n', '{{inputs.parameters.x}}', "a: '{{inputs.parameters.x}}'\n"],
    ['a: x\n', 'b: c', "a: 'b: c'\n"],
    ['a: x\n', 'http://b', 'a: http://b\n'],
    ['a: x\n', 'b #c', "a: 'b #c'\n"],
    ['a: x\n', 'b#c', 'a: b#c\n'],
    ['a: x\n', ' b', "a: ' b'\n"],
    ['a: x\n', 'b ', "a: 'b '\n"],
    ['a: x\n', '', "a: ''\n"],
    ['a: x\n', '🎃 Ünï', 'a: 🎃 Ünï\n'],
    ['a: x\n', 'b\tc', 'a: "b\\tc"\n'],
    ['a: x\n', '\u2028\u0000', 'a: "\\u2028\\u0000"\n'],
    ['a: x\n', '---', "a: '---'\n"],
    ['a: x\n', '~', "a: '~'\n"],
    ['a: "x"\n', 'b\nc', 'a: "b\\nc"\n'],
    ["a: 'x'\n", 'b\nc', 'a: "b\\nc"\n'],
    ['a: x # why\n', 'b\nc\n', 'a: | # why\n  b\n  c\n'],
    ['a: [x, y]\n', [`b, c`, 'y'], "a: ['b, c', y]\n"],
    ['a: 1\n', 2.5, 'a: 2.5\n'],
    ["a: '1'\n", 2, 'a: 2\n'],
    ['a: 0.30\n', 0.3, 'a: 0.30\n'],
    ['a: yes\n', true, 'a: true\n'],
    ['a: x\n', null, 'a: null\n'],
    ['a: !!str 5\n', 6, 'a: 6\n'],
    ['a: !!str 5\n', '6', "a: !!str '6'\n"],
    ['a:\nb: 1\n', 'x', 'a: x\nb: 1\n'],
    ['a: # none yet\nb: 1\n', 'x', 'a: x # none yet\nb: 1\n'],
    ['a: &x\nb: 1\n', 'x', 'a: &x x\nb: 1\n'],
    ['a:\n  x # here\nb: 1\n', 'z', 'a:\n  z # here\nb: 1\n'],
    ['a: "b\n  c" # two\nb: 1\n', 'y', 'a: "y" # two\nb: 1\n'],
    ['{a: , b: 1}\n', 'x', '{a: x , b: 1}\n'],
    ['{a, b: 1}\n', 'x', '{a: x, b: 1}\n'],
    ['a: {}\n', [], 'a: []\n'],
  ])('is written safely: %j becomes %j', (before, value, after) => {
    const text = set(before, ['a'], value);
    expect(text).toBe(after);
    expect(parse(text).a).toEqual(value);
  });

  it.each([
    ['a: |\n  b\n  c\n\nd: 1\n', 'b\nx\n', 'a: |\n  b\n  x\n\nd: 1\n'],
    ['a: |\n  b\n  c\n\nd: 1\n', 'b\nx', 'a: |-\n  b\n  x\n\nd: 1\n'],
    ['a: |\n  b\n\nd: 1\n', 'b\n\n', 'a: "b\\n\\n"\n\nd: 1\n'],
    ['a: |-\n    b\nd: 1\n', ' b\nc', 'a: |4-\n     b\n    c\nd: 1\n'],
    ['a: | # why\n  b\nd: 1\n', 'c\n', 'a: | # why\n  c\nd: 1\n'],
    ['a: | # why\n  b\nd: 1\n', 5, 'a: 5 # why\nd: 1\n'],
    ['a: |+\n  b\n\n\nd: 1\n', 'c\n', 'a: |\n  c\nd: 1\n'],
    [
      'a: >-\n  one\n  two\n\n  three\nd: 1\n',
      'one two\nfour',
      'a: >-\n  one\n  two\n\n  four\nd: 1\n',
    ],
    [
      'a: >\n  one\nd: 1\n',
      'one\n\n  x\n\ny\n',
      'a: >\n  one\n\n    x\n\n  y\nd: 1\n',
    ],
    ['a: |\n  b', 'c\n', 'a: |\n  c\n'],
    ['a: |\r\n  b\r\nd: 1\r\n', 'c\nd\n', 'a: |\r\n  c\r\n  d\r\nd: 1\r\n'],
    ['- a: |\n    b\n- 1\n', 'c\n', '- a: |\n    c\n- 1\n'],
  ])('stays a block of lines: %j set to %j', (before, value, after) => {
    const at = before.startsWith('-') ? [0, 'a'] : ['a'];
    const text = set(before, at, value);
    expect(text).toBe(after);
  });

  it('stays as written when it says the same already', () => {
    const odd = 'a:   0x10   # why\nb:  {x: 1,y: [ 2 ]}\n';
    expect(set(odd, ['a'], 16)).toBe(odd);
    expect(set(odd, ['b'], { y: [2], x: 1 })).toBe(odd);
  });

  it('that is a map or list changes only where it differs', () => {
    const before =
      'a:\n  # first\n  b: "1" # one\n  c: [1, 2, 3]\n  d: x\ne: 1\n';
    const text = set(before, ['a'], { b: '2', c: [1, 3], f: { g: [] } });
    expect(text).toBe(
      'a:\n  # first\n  b: "2" # one\n  c: [1, 3]\n  f:\n    g: []\ne: 1\n',
    );
  });

  it.each([
    ['a: 1 # why\nb: 2\n', { c: { d: 1 } }, 'a: # why\n  c:\n    d: 1\nb: 2\n'],
    ['a:\n  b: 1\n  # in\n  c: 2\n# after\nd: 3\n', 5, 'a: 5\n# after\nd: 3\n'],
    ['a:\n- 1\n- 2\nb: 1\n', { x: 1 }, 'a:\n  x: 1\nb: 1\n'],
    ['a: |\n  x\nb: 1\n', ['x'], 'a:\n  - x\nb: 1\n'],
    ['a: {x: 1}\nb: 1\n', [{ v: 1, z: 2 }], 'a:\n  - v: 1\n    z: 2\nb: 1\n'],
    ['a: x', { z: 1 }, 'a:\n  z: 1'],
  ])('may be of another kind: %j', (before, value, after) => {
    expect(set(before, ['a'], value)).toBe(after);
  });
});

describe('a new key', () => {
  it.each([
    [
      'after the last, before the comment of what follows',
      'a:\n  b: 1\n\n# d\nd: 1\n',
      ['a', 'c'],
      2,
      'a:\n  b: 1\n  c: 2\n\n# d\nd: 1\n',
    ],
    [
      'after the name of a parameter',
      'p:\n  - name: x\n    description: d\n',
      ['p', 0, 'value'],
      '1',
      "p:\n  - name: x\n    value: '1'\n    description: d\n",
    ],
    ['with the breaks of the file', 'a: 1\r\n', ['b'], 'x', 'a: 1\r\nb: x\r\n'],
    [
      'at the end of a file without a last break',
      'a: 1',
      ['b'],
      'x',
      'a: 1\nb: x',
    ],
    [
      'before the end marker',
      '---\na: 1\n...\n',
      ['b'],
      2,
      '---\na: 1\nb: 2\n...\n',
    ],
    [
      'within brackets',
      'a: {b: 1, } # c\n',
      ['a', 'd'],
      [1],
      'a: {b: 1, d: [1], } # c\n',
    ],
    [
      'on a line of its own within brackets',
      'a: {\n    b: 1 # one\n  }\n',
      ['a', 'd'],
      2,
      'a: {\n    b: 1, # one\n    d: 2\n  }\n',
    ],
    ['in an empty map', 'a: {}\n', ['a', 'b'], 'x', 'a: { b: x }\n'],
    [
      'as a block in an empty map',
      'a: {} # c\n',
      ['a', 'b'],
      [{ c: 1 }],
      'a: # c\n  b:\n    - c: 1\n',
    ],
    [
      'under a key without a value',
      'a: # c\nd: 1\n',
      ['a', 'b'],
      'x',
      'a: # c\n  b: x\nd: 1\n',
    ],
    [
      'in an empty file',
      '# nothing yet\n',
      ['a'],
      { b: 1 },
      '# nothing yet\na:\n  b: 1\n',
    ],
    ['in a text of nothing', '', ['a'], 1, 'a: 1\n'],
    [
      'after a block that keeps empty lines',
      'a:\n  b: |+\n    x\n\nd: 1\n',
      ['a', 'c'],
      2,
      'a:\n  b: |+\n    x\n\n  c: 2\nd: 1\n',
    ],
    [
      'with quotes where its name needs them',
      'a: 1\n',
      ['on: {'],
      1,
      "a: 1\n'on: {': 1\n",
    ],
    [
      'with a text of lines',
      'a: 1\n',
      ['b'],
      'x\n\ny\n',
      'a: 1\nb: |\n  x\n\n  y\n',
    ],
    [
      'as an item at the end of a list',
      'a:\n- x # c\n# end\n',
      ['a', 1],
      { b: 1, c: 2 },
      'a:\n- x # c\n- b: 1\n  c: 2\n# end\n',
    ],
    [
      'as an item of a list in brackets',
      'a: [x] # c\n',
      ['a', 1],
      'z',
      'a: [x, z] # c\n',
    ],
    [
      'in the file’s own steps',
      'a:\n    b:\n        - c: 1\n',
      ['a', 'd'],
      { e: [1] },
      'a:\n    b:\n        - c: 1\n    d:\n        e:\n            - 1\n',
    ],
  ])('stands %s', (_where, before, at, value, after) => {
    expect(set(before, at as FieldPath, value)).toBe(after);
  });
});

describe('a key taken away', () => {
  it.each([
    [
      'takes the empty lines that a block before it would keep',
      'a: |+\n  x\n\nb: 1\n\n\nc: 1\n',
      ['b'],
      'a: |+\n  x\n\nc: 1\n',
    ],
    ['takes its line', 'a: 1\nb: 2 # two\nc: 3\n', ['b'], 'a: 1\nc: 3\n'],
    [
      'takes all its lines',
      'a:\n  - 1\n  # in\n  - 2\n\n# c\nc: 3\n',
      ['a'],
      '\n# c\nc: 3\n',
    ],
    [
      'lets comments stand',
      'a: 1\n# why\nb: 2\nc: 3\n',
      ['b'],
      'a: 1\n# why\nc: 3\n',
    ],
    [
      'gives its place behind the dash to the next',
      '- a: 1\n  b: 2\n',
      [0, 'a'],
      '- b: 2\n',
    ],
    [
      'behind the dash leaves a comment',
      '- a: 1\n  # why\n  b: 2\n',
      [0, 'a'],
      '-\n  # why\n  b: 2\n',
    ],
    [
      'leaves an empty map',
      'x: # m\n  # c\n  a: 1\n  # d\ny: 1\n',
      ['x', 'a'],
      'x: {} # m\n  # c\n  # d\ny: 1\n',
    ],
    ['leaves an empty list', 'x:\n- 1\ny: 1\n', ['x', 0], 'x: []\ny: 1\n'],
    ['leaves an empty item', '- a: 1\n- 2\n', [0, 'a'], '- {}\n- 2\n'],
    ['leaves an empty file', '# c\na: 1 # d\n', ['a'], '# c\n{} # d\n'],
    [
      'within brackets takes its comma',
      'x: {a: 1, b: 2, c: 3}\n',
      ['x', 'b'],
      'x: {a: 1, c: 3}\n',
    ],
    [
      'within brackets is the first',
      'x: { a: 1, b: 2 }\n',
      ['x', 'a'],
      'x: { b: 2 }\n',
    ],
    ['within brackets is the last', 'x: [1, 2]\n', ['x', 1], 'x: [1]\n'],
    [
      'within brackets leaves comments',
      'x: [\n  1, # one\n  2 # two\n]\n',
      ['x', 1],
      'x: [\n  1, # one\n]\n',
    ],
    ['that is not there changes nothing', 'a: 1\n', ['b'], 'a: 1\n'],
  ])('%s', (_what, before, at, after) => {
    expect(set(before, at as FieldPath)).toBe(after);
  });
});

describe('anchors and aliases', () => {
  const shared = 'a: &x\n  b: 1\n  c: &y 2\nd: *x\ne: *y\nf: &z 3\n';

  it('are refused where another place would change with it', () => {
    expect(() => set(shared, ['a', 'b'], 2)).toThrow(
      "'a.b' is part of '&x', which is used in line 4 too: write it out there first, so that only one place changes.",
    );
    expect(() => set('c: &y 2\ne: *y\n', ['c'], 2.5)).toThrow(
      "'c' holds '&y', which is used in line 2 too",
    );
    expect(() => set(shared, ['a'])).toThrow(
      "'a' holds '&x', which is used in line 4",
    );
  });

  it('are refused behind an alias', () => {
    expect(() => set(shared, ['d', 'b'], 2)).toThrow(
      "'d' is an alias of '&x', which stands elsewhere",
    );
  });

  it('give way to a value of their own, and stay where nobody uses them', () => {
    expect(set(shared, ['e'], 5)).toBe(shared.replace('*y', '5'));
    expect(set(shared, ['d'])).toBe(shared.replace('d: *x\n', ''));
    expect(set(shared, ['f'], 4)).toBe(shared.replace('&z 3', '&z 4'));
  });
});

describe('what cannot be set', () => {
  it.each([
    ['a: 1\na: 2\n', ['a'], "line 2, column 1: The key 'a' is given twice."],
    ['a: 1\n---\nb: 1\n', ['a'], 'holds 2 documents'],
    ['a: [1\n', ['a'], 'not valid YAML'],
    ['a: 1\n', ['b', 'c', 'd'], "'b' is not there (setting 'b.c.d')"],
    ['a: 1\n', ['a', 'c'], "'a' is a plain value and holds no fields"],
    ['a: [1]\n', ['a', 2], "'a' has 1 items, so there is no item 2"],
    ['a: [1]\n', ['a', 'x'], "'a' is a list; 'x' is no index"],
    ['a: {b: 1}\n', ['a', 0], "'a' is no list"],
    ['a: 1\n', [], 'needs a path'],
    ['a: 1\n', ['__proto__'], "may not hold the key '__proto__'"],
  ])('%j at %j', (text, at, message) => {
    const act = () => set(text, at as FieldPath, 'v');
    expect(act).toThrow(message);
    expect(act).toThrow(expect.objectContaining({ name: 'InputError' }));
  });

  it('is what no file can say', () => {
    expect(() => set('a: 1\n', ['a'], () => 1)).toThrow(
      "'a' cannot be a function",
    );
    expect(() => set('a: 1\n', ['a'], [new Date()])).toThrow(
      "'a[0]' is not plain data",
    );
  });
});
