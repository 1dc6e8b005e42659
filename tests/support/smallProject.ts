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

/** Writes the folder that a repository is first filled from. */
export function writeSeed(
  folder: string,
  more: Record<string, string> = {},
): void {
  const files: Record<string, string> = {
    'mlproject.yaml': smallProject,
    'pipelines/three.yaml': three,
    'pipelines/slow.yaml': slow,
    ...more,
  };
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, 'ml-projects/small', name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
  }
}
