import { completionsAt } from './completionsAt';
import { lintText } from './lintText';

const file = `apiVersion: argoproj.io/v1alpha1
kind: WorkflowTemplate
metadata:
  name: train
spec:
  entrypoint: main
  arguments:
    parameters:
      - name: epochs
        value: '5'
  templates:
    - name: main
      dag:
        tasks:
          - name: split
            template: work
          - name: fit
            template: work
            depends: split
    - name: work
      inputs:
        parameters:
          - name: key
      container:
        image: mlops-steps:22
        command: [node]
`;

/** Labels at the mark `|` of a text. */
function labels(marked: string): string[] {
  const offset = marked.indexOf('|');
  const text = marked.replace('|', '');
  return completionsAt(text, offset).items.map(item => item.label);
}

describe('completions', () => {
  it('are the fields of the object that are not there yet', () => {
    const found = labels(
      file.replace('      container:', '      |\n      container:'),
    );
    expect(found).toEqual(
      expect.arrayContaining(['outputs', 'script', 'memoize', 'retryStrategy']),
    );
    for (const there of ['inputs', 'container', 'name'])
      expect(found).not.toContain(there);
    // What one machine does not run is not offered.
    expect(found).not.toContain('daemon');
    expect(found).not.toContain('nodeSelector');
  });

  it('begin with what is typed, and say what to put in', () => {
    const text = file.replace(
      '        command:',
      '        wor\n        command:',
    );
    const offset = text.indexOf('        wor\n') + 11;
    expect(completionsAt(text, offset)).toEqual({
      from: offset - 3,
      to: offset,
      items: [
        {
          label: 'workingDir',
          kind: 'field',
          detail: 'text',
          insert: 'workingDir: ',
        },
      ],
    });
  });

  it.each([
    ['at the top', 'apiVersion: x\nsp|', ['spec']],
    ['behind a dash', 'spec:\n  templates:\n    - na|', ['name']],
    [
      'of a list at its key’s column',
      'spec:\n  templates:\n  - name: x\n    scr|',
      ['script'],
    ],
    ['of a task', `${file}          - name: x\n            dep|`, []],
    [
      'of a task in its place',
      file.replace('            depends: split', '            dep|'),
      ['depends', 'dependencies'],
    ],
    [
      'of an argument',
      'spec:\n  arguments:\n    parameters:\n      - name: a\n        en|',
      ['enum'],
    ],
    [
      'with Windows breaks',
      'spec:\r\n  templates:\r\n    - name: x\r\n      scr|',
      ['script'],
    ],
  ])('are known %s', (_where, marked, expected) => {
    expect(labels(marked)).toEqual(expected);
  });

  it.each([
    ['entrypoint: main', 'entrypoint: |', ['main', 'work']],
    ['            depends: split', '            depends: |', ['split', 'fit']],
    [
      '            template: work\n          - name: fit',
      '            template: w|\n          - name: fit',
      ['work'],
    ],
    ['kind: WorkflowTemplate', 'kind: Cr|', ['CronWorkflow']],
    [
      "        value: '5'",
      "        value: '{{workflow.p|",
      ['workflow.parameters.epochs'],
    ],
    [
      '        command: [node]',
      "        command: [node]\n        args: ['{{inputs.|",
      ['inputs.parameters.key'],
    ],
  ])('are values where there was %j', (there, typed, expected) => {
    expect(labels(file.replace(there, typed))).toEqual(expected);
  });

  it('are none in comments and never a fault', () => {
    expect(labels('spec: # en|')).toEqual([]);
    for (let offset = 0; offset <= file.length; offset++) {
      expect(() => completionsAt(file, offset)).not.toThrow();
      expect(() => completionsAt(file.slice(0, offset), offset)).not.toThrow();
    }
  });
});

describe('marks', () => {
  it('cover what is wrong', () => {
    const text = file.replace('depends: split', 'depends: spilt # why');
    const mark = lintText(text, 'train.yaml').find(item => item.line === 19)!;
    expect(mark.severity).toBe('error');
    expect(text.slice(mark.from, mark.to)).toBe('depends: spilt');
  });

  it('stand at the end of a text that stops short', () => {
    const [mark] = lintText('a: [', 'x.yaml');
    expect(mark.code).toBe('yaml-syntax');
    expect(mark.to).toBeLessThanOrEqual(4);
    expect(lintText('', 'x.yaml')).toHaveLength(1);
  });
});
