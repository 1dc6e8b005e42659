/* The part of the HTTP interface about pipelines and their runs. */
import {
  bytes,
  choice,
  closed,
  errors,
  get,
  inPath,
  inQuery,
  pageSize,
  typedInQuery,
  wholeNumber,
  json,
  list,
  map,
  number,
  object,
  phase,
  post,
  ref,
  text,
  time,
  trigger,
  type Schema,
} from './words';

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

/** Schemas by name. */
export const runSchemas: Record<string, Schema> = {
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
};

/** Paths below `/api/mlops`. */
export const runPaths: Record<string, object> = {
  '/pipelines/{project}/{pipeline}': get(
    'A pipeline as a commit has it',
    'Pipeline',
    [...inPath('project', 'pipeline'), ...inQuery('ref')],
  ),
  '/pipelines/{project}/{pipeline}/estimate': get(
    'What a run will probably take, by the last ones that succeeded',
    'RunEstimate',
    inPath('project', 'pipeline'),
  ),
  '/refs': get('Branches and newest commits', 'Refs'),
  '/runs': {
    ...get('Runs, newest first', 'RunPage', [
      ...inQuery('project', 'pipeline', 'text', 'schedule'),
      ...typedInQuery({
        phase,
        sort: choice('newest', 'oldest'),
        cursor: wholeNumber(0),
        ...pageSize,
      }),
    ]),
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
      ...typedInQuery({
        follow: { type: 'boolean' },
        offset: wholeNumber(0),
        limit: wholeNumber(1, 32 * 1024 * 1024),
        attempt: wholeNumber(0, 10_000),
      }),
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
};
