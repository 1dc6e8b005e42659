/*
 * Which fields a document may have. A field is supported, ignored (it has no meaning on one machine: a notice) or refused
 * with a reason (an error): nothing is dropped in silence.
 */

/** The shape of a value. `ignored` and `refused` stand for a field and say why. */
export type Shape =
  | {
      is:
        | 'text'
        | 'string'
        | 'integer'
        | 'boolean'
        | 'any'
        | 'empty'
        | 'duration';
    }
  | { is: 'list'; of: Shape }
  | { is: 'map'; of: Shape }
  | {
      is: 'object';
      fields: Record<string, Shape>;
      required?: string[];
      /** What a field is that the list does not name; absent = a mistake. */
      others?: Shape;
    }
  | { is: 'groups'; of: Shape }
  | { is: 'ignored'; why: string }
  | { is: 'refused'; why: string };

const text: Shape = { is: 'text' };
const string: Shape = { is: 'string' };
const integer: Shape = { is: 'integer' };
const boolean: Shape = { is: 'boolean' };
const empty: Shape = { is: 'empty' };
const list = (of: Shape): Shape => ({ is: 'list', of });
const map = (of: Shape): Shape => ({ is: 'map', of });
const object = (
  fields: Record<string, Shape>,
  required: string[] = [],
): Shape => ({ is: 'object', fields, required });
const ignored = (why: string): Shape => ({ is: 'ignored', why });
const refused = (why: string): Shape => ({ is: 'refused', why });
const refuseAll = (why: string, ...names: string[]) =>
  Object.fromEntries(names.map(name => [name, refused(why)]));
const ignoreAll = (why: string, ...names: string[]) =>
  Object.fromEntries(names.map(name => [name, ignored(why)]));

const cluster = 'it places pods on a cluster';
const templateRef = object(
  { name: string, template: string, clusterScope: boolean },
  ['name', 'template'],
);

const parameter = object(
  {
    name: string,
    value: text,
    default: text,
    description: string,
    enum: list(text),
    globalName: string,
    valueFrom: object({
      path: string,
      default: text,
      parameter: string,
      expression: string,
      supplied: empty,
      ...refuseAll(
        'it reads from a cluster',
        'configMapKeyRef',
        'jsonPath',
        'jqFilter',
        'event',
      ),
    }),
  },
  ['name'],
);

const artifact = object(
  {
    name: string,
    path: string,
    from: string,
    optional: boolean,
    subPath: string,
    fromExpression: string,
    globalName: string,
    raw: object({ data: string }, ['data']),
    git: object(
      {
        repo: string,
        revision: string,
        branch: string,
        depth: integer,
        singleBranch: boolean,
        ...refuseAll(
          'the portal reads its own GitOps repository only',
          'usernameSecret',
          'passwordSecret',
          'sshPrivateKeySecret',
          'insecureIgnoreHostKey',
          'fetch',
          'disableSubmodules',
          'insecureSkipTLS',
        ),
      },
      ['repo'],
    ),
    archive: object({
      none: empty,
      tar: object({ compressionLevel: integer }),
      zip: empty,
    }),
    mode: integer,
    recurseMode: boolean,
    deleted: refused('only the engine sets it'),
    ...refuseAll(
      'the local engine keeps artifacts in the portal’s store',
      's3',
      'gcs',
      'azure',
      'oss',
      'hdfs',
      'http',
      'artifactory',
      'plugin',
      'archiveLogs',
    ),
    artifactGC: ignored('the portal’s retention removes artifacts'),
  },
  ['name'],
);

const inputs = object({
  parameters: list(parameter),
  artifacts: list(artifact),
});
const outputs = object({
  parameters: list(parameter),
  artifacts: list(artifact),
  ...refuseAll('only the engine sets it', 'result', 'exitCode'),
});

const volume = object(
  {
    name: string,
    emptyDir: object({
      medium: ignored('the folder is on the disk of the machine'),
      sizeLimit: ignored('the limit of the step counts'),
    }),
    ...refuseAll(
      'only emptyDir is supported on one machine',
      'configMap',
      'secret',
      'persistentVolumeClaim',
      'hostPath',
      'projected',
      'downwardAPI',
      'nfs',
      'csi',
      'ephemeral',
      'image',
    ),
  },
  ['name'],
);

const environmentVariable = object(
  {
    name: string,
    value: string,
    valueFrom: refused('it reads from a cluster'),
  },
  ['name'],
);

const resources = object({
  limits: {
    is: 'object',
    fields: {
      memory: text,
      'ephemeral-storage': text,
      cpu: text,
    },
    others: ignored(cluster),
  },
  requests: ignored(cluster),
  claims: refused('it needs a cluster'),
});

const containerFields: Record<string, Shape> = {
  image: string,
  command: list(string),
  args: list(string),
  env: list(environmentVariable),
  workingDir: string,
  name: ignored('the container is always called main'),
  resources,
  ...ignoreAll(
    cluster,
    'imagePullPolicy',
    'securityContext',
    'terminationMessagePath',
    'terminationMessagePolicy',
    'ports',
    'tty',
    'stdin',
    'stdinOnce',
    'resizePolicy',
  ),
  volumeMounts: list(
    object(
      {
        name: string,
        mountPath: string,
        readOnly: boolean,
        ...refuseAll(
          'a volume is one empty folder',
          'subPath',
          'subPathExpr',
          'mountPropagation',
        ),
      },
      ['name', 'mountPath'],
    ),
  ),
  volumeDevices: refused('one machine has no devices to give'),
  ...refuseAll(
    'it needs a cluster',
    'envFrom',
    'lifecycle',
    'livenessProbe',
    'readinessProbe',
    'startupProbe',
    'restartPolicy',
  ),
};

const hook = object(
  {
    template: string,
    expression: string,
    arguments: inputs,
    templateRef,
  },
  [],
);

const call: Record<string, Shape> = {
  name: string,
  template: string,
  arguments: inputs,
  when: string,
  withItems: list({ is: 'any' }),
  withParam: string,
  withSequence: object({
    count: text,
    start: text,
    end: text,
    format: string,
  }),
  continueOn: object({ error: boolean, failed: boolean }),
  onExit: string,
  hooks: map(hook),
  templateRef,
};

const retryStrategy = object({
  limit: text,
  retryPolicy: string,
  expression: string,
  backoff: object({
    duration: text,
    factor: text,
    maxDuration: text,
    cap: text,
  }),
  affinity: ignored('one machine has no other node'),
});
const semaphore = object({
  configMapKeyRef: object({ name: string, key: string, optional: boolean }, [
    'name',
    'key',
  ]),
  namespace: string,
  database: refused('its limit is in a table of a cluster'),
});
const lock = object({
  mutex: object({ name: string, namespace: string, database: boolean }),
  mutexes: list(object({ name: string, namespace: string, database: boolean })),
  semaphore,
  semaphores: list(semaphore),
});

const templateFields = (step: Shape, task: Shape): Record<string, Shape> => ({
  name: string,
  inputs,
  outputs,
  container: object(containerFields),
  script: object({ ...containerFields, source: string }, ['source']),
  steps: { is: 'groups', of: step },
  dag: object({ tasks: list(task), target: string, failFast: boolean }, [
    'tasks',
  ]),
  suspend: object({ duration: text }),
  activeDeadlineSeconds: { is: 'duration' },
  retryStrategy,
  timeout: text,
  parallelism: integer,
  failFast: boolean,
  memoize: object(
    {
      key: string,
      maxAge: string,
      cache: object({ configMap: object({ name: string, key: string }) }),
    },
    ['key'],
  ),
  synchronization: lock,
  volumes: list(volume),
  pendingTimeout: ignored('steps of one machine wait in order'),
  ...ignoreAll(
    cluster,
    'metadata',
    'nodeSelector',
    'affinity',
    'tolerations',
    'schedulerName',
    'priorityClassName',
    'serviceAccountName',
    'automountServiceAccountToken',
    'securityContext',
    'hostAliases',
    'podSpecPatch',
    'executor',
    'annotations',
    'archiveLocation',
  ),
  metrics: ignored('the portal has metrics of its own'),
  ...refuseAll(
    'the local engine runs one process a step',
    'daemon',
    'sidecars',
    'initContainers',
    'containerSet',
  ),
  ...refuseAll(
    'it needs a cluster',
    'resource',
    'http',
    'plugin',
    'data',
    'podResources',
    'resourceClaims',
  ),
});

// An inline template holds no steps or tasks of its own that could hold another.
const inline = object(templateFields({ is: 'any' }, { is: 'any' }));
const members = { ...call, inline };
const step = object(members, ['name']);
const task = object(
  { ...members, depends: string, dependencies: list(string) },
  ['name'],
);
const template = object(templateFields(step, task), ['name']);

const spec = object(
  {
    entrypoint: string,
    arguments: inputs,
    templates: list(template),
    activeDeadlineSeconds: { is: 'duration' },
    ...ignoreAll(
      cluster,
      'serviceAccountName',
      'automountServiceAccountToken',
      'executor',
      'nodeSelector',
      'affinity',
      'tolerations',
      'imagePullSecrets',
      'hostNetwork',
      'dnsPolicy',
      'dnsConfig',
      'schedulerName',
      'podPriorityClassName',
      'hostAliases',
      'securityContext',
      'podSpecPatch',
      'podDisruptionBudget',
      'podMetadata',
      'artifactRepositoryRef',
      'archiveLogs',
    ),
    ...ignoreAll(
      'the portal keeps runs by its own retention',
      'ttlStrategy',
      'podGC',
      'artifactGC',
      'volumeClaimGC',
    ),
    workflowMetadata: ignored('the portal labels its runs itself'),
    metrics: ignored('the portal has metrics of its own'),
    priority: ignored('the portal runs in order of submission'),
    onExit: string,
    hooks: map(hook),
    parallelism: integer,
    retryStrategy,
    synchronization: lock,
    suspend: boolean,
    templateDefaults: { is: 'any' },
    workflowTemplateRef: object({ name: string, clusterScope: boolean }, [
      'name',
    ]),
    volumes: list(volume),
    volumeClaimTemplates: refused('only emptyDir is supported on one machine'),
    shutdown: refused('stop a run instead'),
    ...refuseAll(
      'it needs a cluster',
      'executorPlugins',
      'artifactPlugins',
      'resourceClaims',
    ),
  },
  [],
);

const metadata = object({
  name: string,
  generateName: string,
  namespace: ignored('the portal has one namespace'),
  labels: map(text),
  annotations: map(text),
  ...ignoreAll(
    'a cluster sets it',
    'uid',
    'resourceVersion',
    'creationTimestamp',
    'generation',
    'managedFields',
    'ownerReferences',
    'finalizers',
    'selfLink',
  ),
});

const documentOf = (of: Shape): Shape =>
  object(
    {
      apiVersion: string,
      kind: string,
      metadata,
      spec: of,
      status: ignored('only the engine writes it'),
    },
    ['metadata', 'spec'],
  );

/** The shape of a whole Workflow, WorkflowTemplate or ClusterWorkflowTemplate, as far as the local engine runs it. */
export const documentShape: Shape = documentOf(spec);

/** The shape of a CronWorkflow. */
export const cronShape: Shape = documentOf(
  object(
    {
      schedules: list(string),
      schedule: string,
      timezone: string,
      concurrencyPolicy: string,
      startingDeadlineSeconds: integer,
      suspend: boolean,
      stopStrategy: object({ expression: string, condition: string }),
      when: string,
      successfulJobsHistoryLimit: integer,
      failedJobsHistoryLimit: integer,
      workflowMetadata: ignored('the portal labels its runs itself'),
      workflowSpec: spec,
    },
    ['workflowSpec'],
  ),
);
