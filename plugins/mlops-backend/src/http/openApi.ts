/* The description of the HTTP interface, served at `openapi.json`. Tests hold it against real answers. */
import {
  bytes,
  choice,
  closed,
  errors,
  get,
  inPath,
  inQuery,
  json,
  list,
  map,
  number,
  object,
  post,
  ref,
  text,
  time,
  type Schema,
} from './describe';
import { changePaths, changeSchemas } from './openApiChanges';
import { promotionPaths, promotionSchemas } from './openApiPromotions';

const phase = choice('Pending', 'Running', 'Succeeded', 'Failed', 'Error');
const direction = choice('higher', 'lower');
const trigger = object(
  {
    kind: choice('person', 'schedule', 'change', 'cluster'),
    by: text,
    scheduledFor: time,
    change: text,
  },
  ['kind', 'by'],
  closed,
);

const cost = {
  wallSeconds: number,
  cpuSeconds: number,
  peakMemoryBytes: number,
  writtenBytes: number,
  price: number,
};
const spread = object(
  { low: number, median: number, high: number },
  ['low', 'median', 'high'],
  closed,
);
const runSummary = {
  id: text,
  project: text,
  pipeline: text,
  engine: text,
  phase,
  message: text,
  cause: object({ node: text, message: text }, ['node', 'message'], closed),
  ref: text,
  commit: { type: 'string', pattern: '^([0-9a-f]{40})?$' },
  file: text,
  parameters: list(
    object({ name: text, value: text }, ['name', 'value'], closed),
  ),
  trigger,
  createdAt: time,
  startedAt: time,
  finishedAt: time,
  trackingRunId: text,
  notes: list(text),
  origin: object(
    { kind: choice('resubmit', 'reuse'), run: text },
    ['kind', 'run'],
    closed,
  ),
  basis: object(
    {
      entrypoint: text,
      reuse: object({ run: text, nodes: list(text) }, ['run', 'nodes'], closed),
      inputs: list(
        object(
          { node: text, artifact: text, digest: text },
          ['node', 'artifact', 'digest'],
          closed,
        ),
      ),
    },
    ['inputs'],
    closed,
  ),
  allowed: object(
    { create: { type: 'boolean' }, control: { type: 'boolean' } },
    ['create', 'control'],
    closed,
  ),
  suspended: { type: 'boolean' },
  queue: object(
    { position: number, message: text },
    ['position', 'message'],
    closed,
  ),
  removed: list(choice('logs', 'artifacts')),
};
const runRequired = [
  'id',
  'project',
  'pipeline',
  'engine',
  'phase',
  'ref',
  'commit',
  'file',
  'parameters',
  'trigger',
  'createdAt',
  'trackingRunId',
];

const projectFields = {
  name: text,
  title: text,
  description: text,
  owner: text,
  lifecycle: text,
  tags: list(text),
  commit: text,
  state: choice('ok', 'faulty'),
  problems: list(ref('Problem')),
  pipelines: list(text),
  models: list(
    object(
      {
        name: text,
        title: text,
        version: text,
        aliases: list(
          object(
            { alias: text, version: text, declared: { type: 'boolean' } },
            ['alias', 'version', 'declared'],
            closed,
          ),
        ),
        metric: object(
          { name: text, value: number, direction },
          ['name', 'value', 'direction'],
          closed,
        ),
        history: list(
          object(
            { version: text, value: number },
            ['version', 'value'],
            closed,
          ),
        ),
      },
      ['name', 'history'],
      closed,
    ),
  ),
  datasets: list(text),
  sync: object(
    { state: choice('Synced', 'OutOfSync', 'Failed'), message: text },
    ['state'],
    closed,
  ),
  rewritten: object(
    { branch: text, lostCommit: text, commit: text, foundAt: time },
    ['branch', 'lostCommit', 'commit', 'foundAt'],
    closed,
  ),
  lastRun: object(
    {
      id: text,
      pipeline: text,
      phase,
      message: text,
      createdAt: time,
      startedAt: time,
      finishedAt: time,
      trigger,
    },
    ['id', 'pipeline', 'phase'],
    closed,
  ),
};
const projectRequired = [
  'name',
  'title',
  'owner',
  'lifecycle',
  'tags',
  'commit',
  'state',
  'problems',
  'pipelines',
  'models',
  'datasets',
];

const versionFields = {
  version: text,
  digest: { type: 'string', pattern: '^sha256:[0-9a-f]{64}$' },
  createdAt: time,
  runId: text,
  trackingRunId: text,
  commit: text,
  metrics: map(number),
  parameters: map(text),
  dataset: object({ name: text, digest: text }, ['name', 'digest'], closed),
  backend: text,
};
const versionRequired = [
  'version',
  'digest',
  'createdAt',
  'metrics',
  'parameters',
];

const schemas: Record<string, Schema> = {
  ...changeSchemas,
  Error: object(
    {
      error: object(
        { name: text, message: text, code: text },
        ['name', 'message', 'code'],
        closed,
      ),
      response: object({ statusCode: number }, ['statusCode'], closed),
    },
    ['error', 'response'],
    closed,
  ),
  Problem: object(
    {
      file: text,
      line: number,
      column: number,
      path: text,
      code: text,
      message: text,
      severity: choice('error', 'warning', 'notice'),
    },
    ['file', 'line', 'column', 'code', 'message', 'severity'],
    closed,
  ),
  Project: object(projectFields, projectRequired, closed),
  ProjectPage: object(
    { items: list(ref('Project')), nextCursor: text },
    ['items'],
    closed,
  ),
  ProjectDetail: object(
    {
      ...projectFields,
      file: { type: 'object' },
      path: text,
      lastGoodCommit: text,
      readme: text,
      schedules: list(ref('Schedule')),
      allowed: object(
        {
          run: { type: 'boolean' },
          control: { type: 'boolean' },
          propose: { type: 'boolean' },
        },
        ['run', 'control', 'propose'],
        closed,
      ),
    },
    [...projectRequired, 'path', 'schedules', 'allowed'],
    closed,
  ),
  Schedule: object(
    {
      name: text,
      file: text,
      title: text,
      description: text,
      pipeline: text,
      schedules: list(text),
      timezone: text,
      concurrencyPolicy: choice('Allow', 'Forbid', 'Replace'),
      suspended: { type: 'boolean' },
      stoppedAt: time,
      lastRun: object({ id: text, scheduledFor: time }, ['id'], closed),
      fault: text,
      next: list(time),
      problems: list(ref('Problem')),
    },
    [
      'name',
      'file',
      'pipeline',
      'schedules',
      'timezone',
      'concurrencyPolicy',
      'suspended',
      'next',
      'problems',
    ],
    closed,
  ),
  Pipeline: object(
    {
      project: text,
      name: text,
      ref: text,
      commit: text,
      file: text,
      title: text,
      description: text,
      parameters: list(
        object(
          {
            name: text,
            value: text,
            default: text,
            description: text,
            enum: list(text),
            required: { type: 'boolean' },
          },
          ['name', 'required'],
          closed,
        ),
      ),
      engines: list(text),
      graph: object(
        {
          nodes: list(
            object(
              {
                id: text,
                name: text,
                template: text,
                type: choice('Pod', 'Steps', 'DAG', 'Suspend'),
                parent: text,
                loop: text,
                when: text,
                line: number,
                templateLine: number,
              },
              ['id', 'name', 'template', 'type'],
              closed,
            ),
          ),
          edges: list(object({ from: text, to: text }, ['from', 'to'], closed)),
        },
        ['nodes', 'edges'],
        closed,
      ),
      problems: list(ref('Problem')),
      source: text,
    },
    [
      'project',
      'name',
      'ref',
      'commit',
      'file',
      'parameters',
      'graph',
      'problems',
      'source',
    ],
    closed,
  ),
  RunRequest: object(
    {
      project: text,
      pipeline: text,
      ref: text,
      engine: text,
      parameters: map({ type: ['string', 'number', 'boolean'] }),
      entrypoint: text,
      reuse: object({ run: text, nodes: list(text) }, ['run'], closed),
    },
    ['project', 'pipeline'],
    closed,
  ),
  Node: object(
    {
      id: text,
      name: text,
      displayName: text,
      type: text,
      phase: text,
      message: text,
      templateName: text,
      boundaryID: text,
      children: list(text),
      outboundNodes: list(text),
      inputs: { type: 'object' },
      outputs: { type: 'object' },
      startedAt: time,
      finishedAt: time,
    },
    ['id', 'name', 'displayName', 'type', 'phase', 'children', 'startedAt'],
  ),
  RunSummary: object(runSummary, runRequired, closed),
  Run: object(
    { ...runSummary, nodes: map(ref('Node')) },
    [...runRequired, 'nodes'],
    closed,
  ),
  RunPage: object(
    { items: list(ref('RunSummary')), nextCursor: text },
    ['items'],
    closed,
  ),
  Metrics: object(
    {
      items: list(
        object(
          {
            trackingRunId: text,
            runName: text,
            key: text,
            points: list(
              object(
                { step: number, value: number, timestamp: time },
                ['step', 'value', 'timestamp'],
                closed,
              ),
            ),
          },
          ['trackingRunId', 'runName', 'key', 'points'],
          closed,
        ),
      ),
    },
    ['items'],
    closed,
  ),
  ModelVersion: object(versionFields, versionRequired, closed),
  Model: object(
    {
      name: text,
      project: text,
      title: text,
      task: text,
      classes: list(text),
      primaryMetric: object(
        { name: text, direction },
        ['name', 'direction'],
        closed,
      ),
      intendedUse: text,
      limits: list(text),
      licence: text,
      aliases: list(
        object(
          { alias: text, version: text, declared: { type: 'boolean' } },
          ['alias', 'version', 'declared'],
          closed,
        ),
      ),
      gates: list(
        object({ name: text, check: text }, ['name', 'check'], closed),
      ),
      file: text,
      allowed: object({ promote: { type: 'boolean' } }, ['promote'], closed),
      versions: list(ref('ModelVersion')),
    },
    ['name', 'project', 'aliases', 'gates', 'versions'],
    closed,
  ),
  ModelVersionDetail: object(
    {
      ...versionFields,
      model: text,
      project: text,
      pipeline: text,
      sizeBytes: number,
      files: list(
        object(
          { path: text, sizeBytes: number, digest: text },
          ['path', 'sizeBytes', 'digest'],
          closed,
        ),
      ),
      signature: {},
      evaluation: { type: 'object' },
      previous: ref('ModelVersion'),
    },
    [...versionRequired, 'model', 'project', 'sizeBytes', 'files'],
    closed,
  ),
  Dataset: object(
    {
      project: text,
      name: text,
      title: text,
      description: text,
      licence: text,
      sources: list({ type: 'object' }),
      schema: list({ type: 'object' }),
      splits: map(number),
      declaredChecks: list(text),
      report: { type: 'object' },
      runId: text,
      history: list(
        object(
          { digest: text, rows: number, runId: text, createdAt: time },
          ['digest', 'rows', 'createdAt'],
          closed,
        ),
      ),
    },
    ['project', 'name', 'sources', 'schema', 'declaredChecks', 'history'],
    closed,
  ),
  Refs: object(
    {
      branches: list(
        object({ name: text, commit: text }, ['name', 'commit'], closed),
      ),
      commits: list(
        object(
          { commit: text, message: text, author: text, date: text },
          ['commit', 'message', 'author', 'date'],
          closed,
        ),
      ),
    },
    ['branches', 'commits'],
    closed,
  ),
  Listing: object(
    {
      entries: list(
        object(
          { path: text, sizeBytes: number },
          ['path', 'sizeBytes'],
          closed,
        ),
      ),
    },
    ['entries'],
    closed,
  ),
  EffectRequest: object(
    {
      project: text,
      title: text,
      message: text,
      edits: list({ type: 'object' }),
      base: text,
    },
    ['project', 'title', 'edits'],
  ),
  Effect: object(
    {
      base: text,
      files: list(
        object({ path: text, status: text, diff: text }, [
          'path',
          'status',
          'diff',
        ]),
      ),
      graph: object(
        { added: list(text), removed: list(text), changed: list(text) },
        ['added', 'removed', 'changed'],
        closed,
      ),
      parameters: list(
        object(
          { pipeline: text, name: text, before: text, after: text },
          ['pipeline', 'name'],
          closed,
        ),
      ),
      rerun: list(text),
      cached: list(text),
      estimate: { type: 'object' },
      affected: map(list(text)),
      findings: list({ type: 'object' }),
      pipelines: list({ type: 'object' }),
    },
    [
      'base',
      'files',
      'graph',
      'parameters',
      'rerun',
      'cached',
      'affected',
      'findings',
      'pipelines',
    ],
    closed,
  ),
  ResumeRequest: object(
    { node: text, parameters: map(text), reject: { type: 'boolean' } },
    [],
    closed,
  ),
  RetryRequest: object(
    { nodes: list(text), parameters: map(text) },
    [],
    closed,
  ),
  ResubmitRequest: object({ parameters: map(text) }, [], closed),
  RetryPreview: object(
    {
      again: list(object({ id: text, displayName: text }, ['id'])),
      kept: list(object({ id: text, displayName: text }, ['id'])),
    },
    ['again', 'kept'],
    closed,
  ),
  RunCosts: object(
    {
      items: list(
        object(
          {
            node: text,
            displayName: text,
            attempt: number,
            ...cost,
            requests: object({ cpu: number, memoryBytes: number }, [], closed),
          },
          ['node', 'displayName', 'attempt', 'wallSeconds'],
          closed,
        ),
      ),
      total: object(cost, ['wallSeconds'], closed),
      currency: text,
    },
    ['items', 'total'],
    closed,
  ),
  RunEstimate: object(
    {
      estimate: {
        anyOf: [
          { type: 'null' },
          object(
            {
              runs: number,
              seconds: spread,
              cpuSeconds: spread,
              price: spread,
              currency: text,
            },
            ['runs', 'seconds'],
            closed,
          ),
        ],
      },
    },
    ['estimate'],
    closed,
  ),
  Storage: object(
    {
      runs: number,
      stepBytes: number,
      artifactBytes: number,
      trackingBytes: number,
      modelBytes: number,
      cacheEntries: number,
      growth: list(
        object(
          { day: text, runs: number, bytes: number },
          ['day', 'runs', 'bytes'],
          closed,
        ),
      ),
      retention: { type: 'object' },
    },
    [
      'runs',
      'stepBytes',
      'artifactBytes',
      'trackingBytes',
      'modelBytes',
      'cacheEntries',
      'growth',
    ],
    closed,
  ),
  RetentionPlan: object(
    {
      items: list(
        object(
          {
            run: text,
            removes: list(choice('run', 'logs', 'artifacts')),
            bytes: number,
            why: text,
          },
          ['run', 'removes', 'bytes', 'why'],
          closed,
        ),
      ),
      kept: list(object({ run: text, why: text }, ['run', 'why'], closed)),
      bytes: number,
    },
    ['items', 'kept', 'bytes'],
    closed,
  ),
  CachePage: object(
    {
      items: list(
        object(
          {
            cacheName: text,
            key: text,
            filledBy: object({ run: text, node: text }, ['run', 'node']),
            createdAt: time,
            lastHitAt: time,
            usedBy: list(object({ run: text }, ['run'])),
          },
          ['cacheName', 'key', 'filledBy', 'createdAt', 'usedBy'],
          closed,
        ),
      ),
    },
    ['items'],
    closed,
  ),
  ForgetRequest: object(
    { cacheName: text, key: text },
    ['cacheName', 'key'],
    closed,
  ),
  Done: object({ done: { type: 'boolean' } }, ['done'], closed),
  Health: object(
    {
      status: choice('ok', 'failed'),
      parts: map(text),
      notices: list(text),
      engines: { type: 'object' },
      activeRuns: number,
    },
    ['status', 'parts'],
    closed,
  ),
  Catalog: object(
    { commit: text, branch: text, projects: list({ type: 'object' }) },
    ['commit', 'branch', 'projects'],
    closed,
  ),
};

/** OpenAPI 3.1 description of everything below `/api/mlops`. */
export const openApiDocument = {
  openapi: '3.1.0',
  info: {
    title: 'MLOps for Backstage',
    version: '0.1.0',
    description:
      'Projects, pipelines, runs, models and datasets. The MLflow REST protocol is served beside it at api/2.0/mlflow.',
  },
  servers: [{ url: '/api/mlops' }],
  paths: {
    '/projects': get(
      'Projects by name',
      'ProjectPage',
      inQuery('text', 'owner', 'cursor', 'limit'),
    ),
    '/projects/{project}': get(
      'One project',
      'ProjectDetail',
      inPath('project'),
    ),
    '/datasets/{project}/{dataset}': get(
      'One dataset with its newest report',
      'Dataset',
      inPath('project', 'dataset'),
    ),
    '/datasets/{project}/{dataset}/files/{path}': bytes(
      'A file beside the report of a dataset',
      inPath('project', 'dataset', 'path'),
    ),
    '/pipelines/{project}/{pipeline}': get(
      'A pipeline as a commit has it',
      'Pipeline',
      [...inPath('project', 'pipeline'), ...inQuery('ref')],
    ),
    '/refs': get('Branches and newest commits', 'Refs'),
    '/runs': {
      ...get(
        'Runs, newest first',
        'RunPage',
        inQuery(
          'project',
          'pipeline',
          'phase',
          'text',
          'schedule',
          'sort',
          'cursor',
          'limit',
        ),
      ),
      post: {
        summary: 'Submits a run',
        parameters: [
          {
            name: 'Idempotency-Key',
            in: 'header',
            required: false,
            schema: text,
          },
        ],
        requestBody: {
          required: true,
          content: { 'application/json': { schema: ref('RunRequest') } },
        },
        responses: {
          '201': json('Run', 'The run, pinned to its commit.'),
          ...errors,
          '409': json('Error', 'The key was used for another request.'),
          '429': json('Error', 'Too many runs wait already.'),
        },
      },
    },
    ...changePaths,
    '/runs/{id}': get('One run with its nodes', 'Run', inPath('id')),
    '/runs/{id}/stop': post(
      'Stops a run; its exit handlers run',
      'Run',
      inPath('id'),
    ),
    '/runs/{id}/terminate': post(
      'Stops a run; no exit handler runs',
      'Run',
      inPath('id'),
    ),
    '/runs/{id}/suspend': post(
      'Begins no new step until the run is resumed',
      'Run',
      inPath('id'),
    ),
    '/runs/{id}/resume': post(
      'Goes on with a run or a step that waits for a person',
      'Run',
      inPath('id'),
      'ResumeRequest',
    ),
    '/runs/{id}/retry': post(
      'Runs again what failed, and what is named, with all that comes after',
      'Run',
      inPath('id'),
      'RetryRequest',
    ),
    '/runs/{id}/retry-plan': post(
      'What a retry would run again, without doing it',
      'RetryPreview',
      inPath('id'),
      'RetryRequest',
    ),
    '/runs/{id}/resubmit': post(
      'The same run again, perhaps with other parameters',
      'Run',
      inPath('id'),
      'ResubmitRequest',
      '201',
    ),
    '/projects/{project}/caches': get(
      'What steps of a project gave before and need not do again',
      'CachePage',
      [...inPath('project'), ...inQuery('limit')],
    ),
    '/projects/{project}/caches/forget': post(
      'Removes one entry of a cache',
      'Done',
      inPath('project'),
      'ForgetRequest',
    ),
    '/effect': post(
      'What edits would do: steps, parameters, cost, whom it affects, findings. Writes nothing',
      'Effect',
      [],
      'EffectRequest',
    ),
    '/pipelines/{project}/{pipeline}/estimate': get(
      'What a run will probably take, by the last ones that succeeded',
      'RunEstimate',
      inPath('project', 'pipeline'),
    ),
    '/projects/{project}/storage': get(
      'What a project keeps, and what grows',
      'Storage',
      inPath('project'),
    ),
    '/projects/{project}/retention': {
      ...get(
        'What the retention policy would take away now',
        'RetentionPlan',
        inPath('project'),
      ),
      ...post(
        'Takes away what the retention policy says',
        'RetentionPlan',
        inPath('project'),
      ),
    },
    '/runs/{id}/costs': get(
      'What a run cost, by attempt of its steps',
      'RunCosts',
      inPath('id'),
    ),
    '/runs/{id}/metrics': get(
      'Curves of a run and its child runs',
      'Metrics',
      inPath('id'),
    ),
    '/runs/{id}/nodes/{node}/log': bytes(
      'Log of a step; server-sent events with follow=true',
      [
        ...inPath('id', 'node'),
        ...inQuery('follow', 'offset', 'limit', 'attempt'),
      ],
    ),
    '/runs/{id}/nodes/{node}/artifacts/{name}': bytes(
      'An artifact, or the listing of its folder',
      inPath('id', 'node', 'name'),
    ),
    '/runs/{id}/nodes/{node}/artifacts/{name}/{path}': bytes(
      'A file inside an artifact',
      inPath('id', 'node', 'name', 'path'),
    ),
    '/models/{project}/{model}': get(
      'A model with its versions',
      'Model',
      inPath('project', 'model'),
    ),
    '/models/{project}/{model}/versions/{version}': get(
      'One version',
      'ModelVersionDetail',
      inPath('project', 'model', 'version'),
    ),
    '/models/{project}/{model}/versions/{version}/files/{path}': bytes(
      'A file of a version',
      inPath('project', 'model', 'version', 'path'),
    ),
    ...promotionPaths,
    '/catalog': get('What the software catalog is told', 'Catalog'),
    '/openapi.json': {
      get: {
        summary: 'This document',
        responses: { '200': { description: 'OpenAPI 3.1' }, ...errors },
      },
    },
    '/health': {
      get: {
        summary: 'Whether the parts of the plugin work; open to all',
        responses: { '200': json('Health', 'State by part.') },
      },
    },
  },
  components: { schemas: { ...schemas, ...promotionSchemas } },
};
