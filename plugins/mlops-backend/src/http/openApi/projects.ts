/* The part of the HTTP interface about projects, their datasets, and what they keep. */
import {
  bytes,
  choice,
  closed,
  direction,
  get,
  inPath,
  inQuery,
  pageSize,
  typedInQuery,
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
  outdated: object(
    { since: time, reason: choice('no-branch', 'unreadable'), branch: text },
    ['since', 'reason', 'branch'],
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

/** Schemas by name. */
export const projectSchemas: Record<string, Schema> = {
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
      passed: object({ at: time, why: text }, ['at', 'why'], closed),
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
  ProjectDocs: object(
    {
      project: text,
      title: text,
      commit: text,
      version: text,
      files: list(
        object({ path: text, base64: text }, ['path', 'base64'], closed),
      ),
      leftOut: list(
        object({ path: text, reason: text }, ['path', 'reason'], closed),
      ),
    },
    ['project', 'title', 'commit', 'version', 'files', 'leftOut'],
    closed,
  ),
  Done: object({ done: { type: 'boolean' } }, ['done'], closed),
  ProjectFileList: object(
    {
      project: text,
      commit: text,
      folder: text,
      items: list(
        object(
          { path: text, kind: choice('file', 'link', 'submodule') },
          ['path', 'kind'],
          closed,
        ),
      ),
      truncated: { type: 'boolean' },
    },
    ['project', 'commit', 'folder', 'items', 'truncated'],
    closed,
  ),
  ProjectFileText: object(
    {
      project: text,
      commit: text,
      path: text,
      sizeBytes: number,
      text,
    },
    ['project', 'commit', 'path', 'sizeBytes'],
    closed,
  ),
};

/** Paths below `/api/mlops`. */
export const projectPaths: Record<string, object> = {
  '/projects': get('Projects by name', 'ProjectPage', [
    ...inQuery('text', 'owner', 'cursor'),
    ...typedInQuery(pageSize),
  ]),
  '/projects/{project}': get('One project', 'ProjectDetail', inPath('project')),
  '/projects/{project}/docs': get(
    'Pages and pictures that a project keeps in docs/',
    'ProjectDocs',
    inPath('project'),
  ),
  '/projects/{project}/caches': get(
    'What steps of a project gave before and need not do again',
    'CachePage',
    [...inPath('project'), ...typedInQuery(pageSize)],
  ),
  '/projects/{project}/caches/forget': post(
    'Removes one entry of a cache',
    'Done',
    inPath('project'),
    'ForgetRequest',
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
  '/projects/{project}/files': get(
    'Files of a project as a commit has them',
    'ProjectFileList',
    [...inPath('project'), ...inQuery('ref')],
  ),
  '/projects/{project}/files/{path}': get(
    'One file of a project as a commit has it',
    'ProjectFileText',
    [...inPath('project', 'path'), ...inQuery('ref')],
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
};
