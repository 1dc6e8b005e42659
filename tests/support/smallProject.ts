/* A project whose steps take no time, for tests of the engine. */
import fs from 'node:fs';
import path from 'node:path';

/** The file of the project. */
export const smallProject = `apiVersion: backstage-mlops/v1alpha1
kind: MLProject
metadata: { name: small }
spec:
  owner: group:default/team
  lifecycle: experimental
  problem: { decides: x, forWhom: x, whyMachineLearning: x, costOfWrongAnswer: x }
  baseline: { rule: x, metric: x }
`;

const template = (name: string, body: string) =>
  `apiVersion: argoproj.io/v1alpha1
kind: WorkflowTemplate
metadata: { name: ${name} }
spec:
  entrypoint: main
  templates:
${body}`;

/** Three steps, two of them side by side; each prints one line and leaves a file. */
const three = template(
  'three',
  `    - name: main
      dag:
        tasks:
          - { name: first, template: say }
          - { name: left, template: say, dependencies: [first] }
          - { name: right, template: say, dependencies: [first] }
    - name: say
      outputs: { artifacts: [{ name: out, path: /tmp/out }] }
      script: { image: tools, command: [sh], source: 'echo ran; echo bytes > /tmp/out; sleep 0.1' }
`,
);

/** One step of fifteen seconds that prints a line each tenth of a second. */
const slow = template(
  'slow',
  `    - name: main
      script: { image: tools, command: [sh], source: 'i=0; while [ $i -lt 150 ]; do i=$((i+1)); echo line $i; sleep 0.1; done' }
`,
);

/** One step of forty seconds that prints a line each tenth of a second. */
const long = slow.replace('name: slow', 'name: long').replace('150', '400');

/** One step that takes five minutes, and is quick when it is tried again. */
const again = template(
  'again',
  `    - name: main
      retryStrategy: { limit: 1, retryPolicy: Always }
      script: { image: tools, command: [sh], source: 'echo ran; test {{retries}} != 0 || sleep 300' }
`,
);

/** A step whose output is kept, so that later runs take it over. */
const kept = template(
  'kept',
  `    - name: main
      memoize: { key: one, cache: { configMap: { name: small } } }
      outputs: { artifacts: [{ name: out, path: /tmp/out }] }
      script: { image: tools, command: [sh], source: 'echo ran; echo bytes > /tmp/out' }
`,
);

/** Waits for a person between two steps. */
const asks = template(
  'asks',
  `    - name: main
      steps:
        - [{ name: before, template: say }]
        - [{ name: person, template: person }]
        - [{ name: after, template: say }]
    - name: person
      suspend: {}
    - name: say
      script: { image: tools, command: [sh], source: 'echo ran' }
`,
);

/** Succeeds, then fails unless `well` is yes. */
const mends = template(
  'mends',
  `    - name: main
      steps:
        - [{ name: good, template: say, arguments: { parameters: [{ name: source, value: 'echo ran' }] } }]
        - [{ name: bad, template: say, arguments: { parameters: [{ name: source, value: 'echo ran; test {{workflow.parameters.well}} = yes' }] } }]
    - name: say
      inputs: { parameters: [{ name: source }] }
      script: { image: tools, command: [sh], source: '{{inputs.parameters.source}}' }
`,
).replace(
  'spec:\n',
  "spec:\n  arguments: { parameters: [{ name: well, value: 'no' }] }\n",
);

/** Starts `three` every two seconds, and is done when one succeeded. */
export const clock = `apiVersion: argoproj.io/v1alpha1
kind: CronWorkflow
metadata: { name: clock }
spec:
  schedules: ['@every 2s']
  concurrencyPolicy: Forbid
  stopStrategy: { expression: cronworkflow.succeeded >= 1 }
  workflowSpec: { workflowTemplateRef: { name: three } }
`;

const filesOf = (pipelines: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(pipelines).map(([name, text]) => [
      `pipelines/${name}.yaml`,
      text,
    ]),
  );

/** Pipelines that are kept, asked for and mended, and a second project of which only the last run stays. */
export const moreFiles: Record<string, string> = {
  ...filesOf({ long, again, kept, asks, mends }),
  '../brief/mlproject.yaml': `${smallProject.replace(
    'name: small',
    'name: brief',
  )}  retention: { runs: { last: 1 } }\n`,
  '../brief/pipelines/three.yaml': three,
};

/** Writes the folder that a repository is first filled from; names of more files are relative to the project's folder. */
export function writeSeed(
  folder: string,
  more: Record<string, string> = {},
): void {
  const files: Record<string, string> = {
    'mlproject.yaml': smallProject,
    ...filesOf({ three, slow }),
    ...more,
  };
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, 'ml-projects/small', name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
  }
}
