/* What a change of one parameter would do to a pipeline of 500 nodes: edits into text, both sides read, the effect. */
import { applyEdits, effectOf, readProject } from './rooms.ts';
import { goal, inTurns, tell, timeOf } from './measure.ts';

const nodes = 500;
const file = 'pipelines/large.yaml';

function largePipeline(): string {
  const tasks = Array.from({ length: nodes - 1 }, (_, at) =>
    [
      `          - name: step-${at}`,
      `            template: work-${at % 50}`,
      ...(at >= 10 ? [`            depends: step-${at - 10}`] : []),
      `            arguments: { parameters: [{ name: at, value: '${at}' }] }`,
    ].join('\n'),
  );
  const templates = Array.from({ length: 50 }, (_, at) =>
    [
      `    - name: work-${at}`,
      '      inputs: { parameters: [{ name: at }] }',
      ...(at % 2
        ? [`      memoize: { key: 'k-{{inputs.parameters.at}}' }`]
        : []),
      '      container:',
      '        image: mlops-steps:22',
      `        command: [node, step.ts${
        at % 7 ? '' : ", '{{workflow.parameters.rate}}'"
      }]`,
    ].join('\n'),
  );
  return `apiVersion: argoproj.io/v1alpha1
kind: WorkflowTemplate
metadata: { name: large }
spec:
  entrypoint: main
  arguments:
    parameters:
      - { name: rate, value: '0.1' }
  templates:
    - name: main
      dag:
        tasks:
${tasks.join('\n')}
${templates.join('\n')}
`;
}

const text = largePipeline();
const read = (content: string) =>
  readProject('ml-projects/p', [
    { path: file, mode: '100644', sizeBytes: content.length, text: content },
  ]);
const before = read(text);
let turn = 0;

async function once(): Promise<void> {
  turn += 1;
  const path = `ml-projects/p/${file}`;
  const set = [
    {
      at: ['spec', 'arguments', 'parameters', 0, 'value'],
      value: `0.${turn + 1}`,
    },
  ];
  const { files, faults } = applyEdits([{ path, set }], asked =>
    asked === path
      ? { mode: '100644', sizeBytes: text.length, text }
      : undefined,
  );
  if (faults.length > 0) throw new Error(faults[0].message);
  const content = files[0].content as string;
  const effect = effectOf({
    base: 'base',
    before,
    after: read(content),
    files: [{ path, before: text, after: content }],
  });
  if (
    effect.parameters.length !== 1 ||
    effect.pipelines[0].after?.nodes.length !== nodes
  )
    throw new Error('The effect is not that of the edit.');
}

await once();
const { effect, parse } = await inTurns(9, {
  effect: () => timeOf(once),
  parse: () => timeOf(async () => void read(text)),
});
tell(
  `effect of a pipeline of ${nodes} nodes`,
  `${effect.toFixed(0)} ms`,
  goal(effect, 200, 'ms'),
);
tell('of which one read of the file', `${parse.toFixed(0)} ms`);
