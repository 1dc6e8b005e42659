/* Pipelines of the engine's contract, as files of the small project. */
const template = (name: string, spec: string) =>
  `apiVersion: argoproj.io/v1alpha1
kind: WorkflowTemplate
metadata: { name: ${name} }
spec:
  entrypoint: main
${spec}`;

const sh = (source: string) =>
  `script: { image: tools, command: [sh], source: '${source}' }`;

export const contractPipelines: Record<string, string> = {
  'pipelines/hello.yaml': template(
    'hello',
    `  arguments:
    parameters: [{ name: who, value: you }]
  templates:
    - name: main
      dag:
        tasks:
          - { name: first, template: say }
          - { name: left, template: say, depends: first }
          - { name: right, template: say, depends: first }
    - name: say
      outputs: { artifacts: [{ name: out, path: /tmp/out, archive: { none: {} } }] }
      ${sh('echo hello {{workflow.parameters.who}}; echo bytes > /tmp/out')}
`,
  ),
  'pipelines/fails.yaml': template(
    'fails',
    `  arguments:
    parameters: [{ name: code, value: "3" }]
  templates:
    - name: main
      dag:
        tasks:
          - { name: good, template: good }
          - { name: bad, template: bad, depends: good }
    - name: good
      ${sh('echo good')}
    - name: bad
      ${sh('echo Error: no luck; exit {{workflow.parameters.code}}')}
`,
  ),
  'pipelines/waits.yaml': template(
    'waits',
    `  templates:
    - name: main
      steps:
        - - { name: ask, template: ask }
        - - name: say
            template: say
            arguments: { parameters: [{ name: word, value: "{{steps.ask.outputs.parameters.word}}" }] }
    - name: ask
      inputs: { parameters: [{ name: word, default: no, enum: [no, yes] }] }
      outputs: { parameters: [{ name: word, valueFrom: { supplied: {} } }] }
      suspend: {}
    - name: say
      inputs: { parameters: [{ name: word }] }
      ${sh('echo word {{inputs.parameters.word}}')}
`,
  ),
  'pipelines/long.yaml': template(
    'long',
    `  onExit: bye
  templates:
    - name: main
      ${sh('echo begun; sleep 60')}
    - name: bye
      ${sh('echo bye')}
`,
  ),
  'pipelines/blocks.yaml': `apiVersion: argoproj.io/v1alpha1
kind: WorkflowTemplate
metadata: { name: blocks }
spec:
  templates:
    - name: twice
      inputs: { parameters: [{ name: word }] }
      steps:
        - - name: one
            templateRef: { name: shared, template: say, clusterScope: true }
            arguments: { parameters: [{ name: word, value: "{{inputs.parameters.word}}" }] }
          - name: two
            template: quiet
    - name: quiet
      ${sh('echo quiet')}
`,
  '../../argo/shared.yaml': `apiVersion: argoproj.io/v1alpha1
kind: ClusterWorkflowTemplate
metadata: { name: shared }
spec:
  templates:
    - name: say
      inputs: { parameters: [{ name: word }] }
      ${sh('echo shared {{inputs.parameters.word}}')}
`,
  'pipelines/calls.yaml': template(
    'calls',
    `  templates:
    - name: main
      dag:
        tasks:
          - name: block
            templateRef: { name: blocks, template: twice }
            arguments: { parameters: [{ name: word, value: here }] }
`,
  ),
  'pipelines/env.yaml': template(
    'env',
    `  templates:
    - name: main
      script:
        image: tools
        command: [sh]
        source: |
          echo "run $MLOPS_RUN_ID at $MLFLOW_TRACKING_URI"
          test -n "$MLFLOW_TRACKING_TOKEN"
`,
  ),
};

/** Starts `env` every other second. */
export const tick = `apiVersion: argoproj.io/v1alpha1
kind: CronWorkflow
metadata: { name: tick }
spec:
  schedules: ['@every 2s']
  timezone: Europe/Berlin
  concurrencyPolicy: Forbid
  workflowSpec: { workflowTemplateRef: { name: env } }
`;
