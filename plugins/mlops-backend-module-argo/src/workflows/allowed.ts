/*
 * What a workflow may ask of a cluster, at every depth. A spec is rebuilt from this list, so that a field which nobody thought of
 * never reaches the cluster: podSpecPatch, hostPath, hostNetwork, privileged, other service accounts and their like are refused
 * wherever they stand (a list of what is forbidden was got round twice in Argo itself: CVE-2026-31892, CVE-2026-42296).
 */

/** `value`: any JSON without meaning of its own. Else a list, a map of texts, or the fields of an object. */
export type Allowed =
  | 'value'
  | { list: Allowed }
  | { map: Allowed }
  | { fields: { [name: string]: Allowed } };

const list = (of: Allowed): Allowed => ({ list: of });
const map = (of: Allowed): Allowed => ({ map: of });
const fields = (all: { [name: string]: Allowed }): Allowed => ({
  fields: all,
});
const values = (...names: string[]): { [name: string]: Allowed } =>
  Object.fromEntries(names.map(name => [name, 'value' as const]));
const nothing = fields({});

const parameter = fields({
  ...values('name', 'value', 'default', 'description', 'globalName'),
  enum: list('value'),
  valueFrom: fields({
    ...values('path', 'default', 'parameter', 'expression'),
    supplied: nothing,
  }),
});

const artifact = fields({
  ...values(
    'name',
    'path',
    'from',
    'optional',
    'subPath',
    'fromExpression',
    'globalName',
    'mode',
    'recurseMode',
  ),
  raw: fields(values('data')),
  git: fields(values('repo', 'revision', 'branch', 'depth', 'singleBranch')),
  archive: fields({
    none: nothing,
    tar: fields(values('compressionLevel')),
    zip: nothing,
  }),
});

const data = fields({
  parameters: list(parameter),
  artifacts: list(artifact),
});

const container: { [name: string]: Allowed } = {
  ...values('image', 'workingDir', 'imagePullPolicy'),
  command: list('value'),
  args: list('value'),
  env: list(fields(values('name', 'value'))),
  resources: fields({ limits: map('value'), requests: map('value') }),
  volumeMounts: list(fields(values('name', 'mountPath', 'readOnly'))),
};

const templateRef = fields(values('name', 'template', 'clusterScope'));
const hook = fields({
  ...values('template', 'expression'),
  arguments: data,
  templateRef,
});

const retryStrategy = fields({
  ...values('limit', 'retryPolicy', 'expression'),
  backoff: fields(values('duration', 'factor', 'maxDuration', 'cap')),
});

const semaphore = fields({
  configMapKeyRef: fields(values('name', 'key', 'optional')),
});
const lock = fields({
  mutexes: list(fields(values('name'))),
  semaphores: list(semaphore),
});

const member: { [name: string]: Allowed } = {
  ...values(
    'name',
    'template',
    'when',
    'withParam',
    'onExit',
    'depends',
    'withItems',
  ),
  arguments: data,
  withSequence: fields(values('count', 'start', 'end', 'format')),
  continueOn: fields(values('error', 'failed')),
  dependencies: list('value'),
  hooks: map(hook),
  templateRef,
};

const toleration = fields(
  values('key', 'operator', 'value', 'effect', 'tolerationSeconds'),
);

const templateOf = (inner: Allowed): { [name: string]: Allowed } => ({
  ...values('name', 'activeDeadlineSeconds', 'timeout', 'parallelism'),
  ...values('failFast', 'pendingTimeout'),
  inputs: data,
  outputs: data,
  container: fields(container),
  script: fields({ ...container, source: 'value' }),
  steps: list(list(inner)),
  dag: fields({ ...values('target', 'failFast'), tasks: list(inner) }),
  suspend: fields(values('duration')),
  retryStrategy,
  memoize: fields({
    ...values('key', 'maxAge'),
    cache: fields({ configMap: fields(values('name', 'key')) }),
  }),
  synchronization: lock,
  nodeSelector: map('value'),
  tolerations: list(toleration),
  volumes: list(
    fields({
      name: 'value',
      emptyDir: fields(values('medium', 'sizeLimit')),
    }),
  ),
});

// A template inside of a step holds a step of its own at most.
const inlineMember = fields({
  ...member,
  inline: fields(templateOf(fields(member))),
});
const template = fields(templateOf(inlineMember));

const spec: { [name: string]: Allowed } = {
  ...values(
    'entrypoint',
    'activeDeadlineSeconds',
    'onExit',
    'parallelism',
    'suspend',
    'priority',
  ),
  arguments: data,
  templates: list(template),
  templateDefaults: template,
  hooks: map(hook),
  retryStrategy,
  synchronization: lock,
  nodeSelector: map('value'),
  tolerations: list(toleration),
  volumes: list(
    fields({
      name: 'value',
      emptyDir: fields(values('medium', 'sizeLimit')),
    }),
  ),
};

/** The spec of a Workflow or WorkflowTemplate. */
export const allowedSpec: Allowed = fields(spec);

/** The spec of a CronWorkflow. */
export const allowedCron: Allowed = fields({
  ...values(
    'timezone',
    'suspend',
    'concurrencyPolicy',
    'startingDeadlineSeconds',
    'successfulJobsHistoryLimit',
    'failedJobsHistoryLimit',
    'when',
  ),
  schedules: list('value'),
  stopStrategy: fields(values('expression')),
  workflowSpec: fields({
    ...spec,
    workflowTemplateRef: fields(values('name', 'clusterScope')),
  }),
});
