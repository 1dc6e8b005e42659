import * as fc from 'fast-check';
import fs from 'node:fs';
import path from 'node:path';
import { isAlias, isMap, isSeq, type Document } from 'yaml';
import { readYaml, readParsed } from '../readYaml';
import type { FieldPath } from '../fieldPath';
import { randomOf, writeYaml } from '../writtenYaml';
import { readEverydayYaml } from './readEverydayYaml';

const everyday = `# What it is.
apiVersion: argoproj.io/v1alpha1
kind: "WorkflowTemplate"
metadata: { name: train, labels: { 'a/b': 'it''s' }, empty: {}, }
spec:
  entrypoint: main
  parallelism: 2 # at a time
  rate: -0.5
  suspend: false
  nothing:
  none: ~
  templates:
    - &shared
      name: main
      steps:
        - - name: a
            template: "say\\n"
        - - { name: b, when: '{{a}} == 1', url: http://x.example/a }
    - *shared
    - name: say
      container:
        image: mlops-steps:22
        command: [
          sh, -c,

          'true',
          ]
      script:
        source: |
          echo "a: b" # not a comment

            deeper
      description: >-
        one
        two
  args:
  - --flag=x
  - 12
  - "quoted: 'key'"
`;

describe('everyday YAML', () => {
  it('has rights of files in digits of base eight, as Go reads them', () => {
    const text = 'mode: 0755\nplus: +017\nless: -010\nnone: 0\nnot: 089\n';
    const value = { mode: 493, plus: 15, less: -8, none: 0, not: 89 };
    expect(readEverydayYaml(text)?.value).toEqual(value);
    expect(wholeOf(text)?.value).toEqual(value);
  });

  it('is read with its values', () => {
    expect(readEverydayYaml(everyday)?.value).toEqual(wholeOf(everyday)?.value);
    expect(readEverydayYaml(everyday)?.value).toMatchObject({
      metadata: { labels: { 'a/b': "it's" }, empty: {} },
      spec: {
        rate: -0.5,
        nothing: null,
        templates: [
          { name: 'main' },
          { name: 'main' },
          {
            script: { source: 'echo "a: b" # not a comment\n\n  deeper\n' },
            description: 'one two',
          },
        ],
        args: ['--flag=x', 12, "quoted: 'key'"],
      },
    });
  });

  it('says where its fields stand', () => {
    const [document] = readYaml(everyday, 'f').documents;
    expect(document.locate(['metadata', 'labels', 'a/b'])).toEqual({
      line: 4,
      column: 36,
    });
    expect(document.locate(['spec', 'templates', 1, 'name'])).toEqual({
      line: 14,
      column: 7,
    });
    expect(document.locate(['spec', 'args', 2, 'missing'])).toEqual({
      line: 39,
      column: 5,
    });
    expect(document.locate([])).toEqual({ line: 2, column: 1 });
  });

  it.each([
    ['a fault', 'a: [1, 2\n'],
    ['a key that is given twice', 'a: 1\na: 2\n'],
    ['a key that changes prototypes', '__proto__: 1\n'],
    ['a key that is a number', '1: a\n'],
    ['a text over several lines', 'a: one\n  two\n'],
    ['a tag', 'a: !!str 1\n'],
    ['aliases within an anchor', 'a: &a 1\nb: &b\n  - *a\nc: *b\n'],
    ['two anchors of one value', '- &a0- &a\n  12\n'],
    ['two anchors in two lines', 'k: &a\n  &b 12\n'],
    ['several documents', 'a: 1\n---\nb: 1\n'],
    ['carriage returns', 'a: 1\r\n'],
    ['a tab', 'a:\t1\n'],
    ['a number that JavaScript cannot hold', 'a: 12345678901234567890\n'],
    ['deep nesting', '['.repeat(100_000)],
    ['nothing', '# only words\n'],
  ])('leaves %s to the whole parser', (_what, text) => {
    expect(readEverydayYaml(text)).toBeUndefined();
  });

  it('is what most files of the repository are, and they read alike', () => {
    const root = path.resolve(__dirname, '../../../../..');
    const files = ['ml-projects', 'argo', 'catalog']
      .flatMap(folder => yamlBelow(path.join(root, folder)))
      .map(file => fs.readFileSync(file, 'utf8'));
    const taken = files.filter(alike);
    expect(taken.length).toBeGreaterThan(files.length / 2);
  });
});

describe('the everyday reader beside the whole parser', () => {
  it('gives the same values and places for generated files', () => {
    let taken = 0;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 }), seed => {
        if (alike(plainEnds(writeYaml(seed).text))) taken += 1;
      }),
      { numRuns: 1_500 },
    );
    expect(taken).toBeGreaterThan(200);
  });

  it('gives the same, or gives up, for files with something odd put in anywhere', () => {
    const file = fc.oneof(
      fc.constant(everyday),
      fc
        .integer({ min: 0, max: 2 ** 31 })
        .map(seed => plainEnds(writeYaml(seed).text)),
    );
    fc.assert(
      fc.property(file, fc.integer({ min: 0, max: 2 ** 31 }), (text, seed) => {
        alike(spoil(text, seed));
      }),
      { numRuns: 3_000 },
    );
  });
});

const plainEnds = (text: string) =>
  text.replace(/\r\n/g, '\n').replace(/\t/g, ' ').replace('\uFEFF', '');

/** Whether the everyday reader took the text; then both must say the same. */
function alike(text: string): boolean {
  const read = readEverydayYaml(text);
  if (!read) return false;
  const whole = wholeOf(text);
  expect({ text, value: read.value }).toEqual({ text, value: whole?.value });
  for (const at of fieldsOf(read.value))
    expect({ text, at, offset: read.offsetOf(at) }).toEqual({
      text,
      at,
      offset: offsetIn(whole!.document, at),
    });
  return true;
}

function wholeOf(
  text: string,
): { value: unknown; document: Document } | undefined {
  const { parsed, problems } = readParsed(text, 'f', {});
  const [document, ...others] = parsed.filter(({ contents }) => contents);
  return problems.length === 0 && others.length === 0 && document
    ? { value: document.toJS(), document }
    : undefined;
}

function fieldsOf(value: unknown, at: FieldPath = []): FieldPath[] {
  const inner = Array.isArray(value)
    ? value.map((item, index) => [index, item] as const)
    : Object.entries((typeof value === 'object' && value) || {});
  return [at, ...inner.flatMap(([part, of]) => fieldsOf(of, [...at, part]))];
}

function offsetIn(document: Document, at: FieldPath): number | undefined {
  let node: any = document.contents;
  let offset = node.range[0];
  for (const part of at) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap<any, any>(node)) {
      const pair = node.items.find(({ key }) => String(key.value) === part)!;
      offset = pair.key.range[0];
      node = pair.value;
    } else if (isSeq<any>(node)) {
      node = node.items[part as number];
      offset = node.range[0];
    }
  }
  return offset;
}

const odd = [
  ...['\n', ' ', '  ', '\n  ', '\n    ', '\n\n', ' \n', '\t', '\r\n'],
  ...['- ', '-', '- - a', '- a\n', ': ', ':', '? ', '?', ',', ',}', ',\n]'],
  ...['#', ' #', ' # c\n', '\n#', '"', "'", '""', "''", '\\', '\\n', '`'],
  ...['[', ']', '{', '}', '[1, 2]', '{a: 1}', '|', '>', '|-', '>-', '|+\n'],
  ...['&a ', '&a\n', '*a', '- &a\n', '- *a\n', 'k: &b y\n', 'k: *b\n', '!t '],
  ...['---\n', '...', '%', '@', '<<: ', '__proto__: 1\n', 'a: b\n', 'a: 1\n'],
  ...['~', 'null', 'true', 'yes', '1', '-0', '+1', '012', '1_000', '1.', '.5'],
  ...['1e3', '0x1f', '0o7', '.inf', '.nan', '99999999999999999999', 'é', '🎃'],
  ...['\u2028', '\u00a0', '\uFEFF', 'k: |\n  x\n', 'k: >-\n  x\n  y\n'],
];

/** Up to three odd pieces put in, or some characters taken out; of the whole text or of some lines. */
function spoil(of: string, seed: number): string {
  const random = randomOf(seed);
  let text = of;
  if (random(2)) {
    const lines = text.split('\n');
    const from = random(lines.length);
    text = lines.slice(from, from + 1 + random(12)).join('\n');
    if (random(3)) text += '\n';
  }
  for (let left = 1 + random(3); left > 0; left--) {
    const at = random(text.length + 1);
    const gone = random(3) ? 0 : random(6);
    const put = random(4) ? odd[random(odd.length)] : '';
    text = text.slice(0, at) + put + text.slice(at + gone);
  }
  return text;
}

function yamlBelow(folder: string): string[] {
  return fs
    .readdirSync(folder, { withFileTypes: true })
    .flatMap(entry =>
      entry.isDirectory()
        ? yamlBelow(path.join(folder, entry.name))
        : /\.ya?ml$/.test(entry.name)
        ? [path.join(folder, entry.name)]
        : [],
    );
}
