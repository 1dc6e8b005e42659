/* The part of the HTTP interface about promotions, aliases, desired and actual, activity and maturity. */
import {
  choice,
  exact,
  get,
  inPath,
  inQuery,
  pageSize,
  typedInQuery,
  list,
  map,
  needs,
  number,
  post,
  text,
  time,
  type Schema,
} from './words';

const flag: Schema = { type: 'boolean' };
const interval = exact({ lower: number, upper: number }, ['lower', 'upper']);
const files = list(
  exact(
    {
      path: text,
      status: choice('added', 'modified', 'deleted'),
      diff: text,
      truncated: flag,
    },
    ['path', 'status', 'diff'],
  ),
);
const side = exact(
  {
    version: text,
    digest: text,
    createdAt: time,
    runId: text,
    commit: text,
    sizeBytes: number,
    metrics: map(number),
    intervals: map(interval),
    parameters: map(text),
    dataset: exact({ name: text, digest: text }, ['name', 'digest']),
    slices: list(
      exact(
        {
          feature: text,
          value: text,
          examples: number,
          metric: text,
          metricValue: number,
        },
        ['feature', 'value', 'examples', 'metric', 'metricValue'],
      ),
    ),
  },
  [
    'version',
    'digest',
    'createdAt',
    'sizeBytes',
    'metrics',
    'intervals',
    'parameters',
    'slices',
  ],
);
const gate = exact(
  {
    gate: text,
    name: text,
    state: choice('passed', 'failed', 'waived', 'error'),
    message: text,
    comparisons: list(
      exact(
        {
          metric: text,
          value: number,
          operator: text,
          limit: number,
          interval,
          passed: flag,
        },
        ['metric', 'operator', 'passed'],
      ),
    ),
    waiver: exact({ by: text, reason: text, until: text }, [
      'by',
      'reason',
      'until',
    ]),
  },
  ['gate', 'name', 'state', 'message', 'comparisons'],
);
const aliasState = exact(
  {
    alias: text,
    version: text,
    digest: text,
    commit: text,
    since: time,
    by: text,
    reason: text,
    change: text,
  },
  ['alias', 'commit', 'since', 'by'],
);

/** Schemas by name. */
export const promotionSchemas: Record<string, Schema> = {
  PromotionPreview: exact(
    {
      project: text,
      model: text,
      alias: text,
      file: text,
      rollback: flag,
      champion: side,
      candidate: side,
      gates: list(gate),
      passes: flag,
      codeDiff: exact(
        { from: text, to: text, commits: number, files, truncated: flag },
        ['from', 'to', 'commits', 'files', 'truncated'],
      ),
      disagreements: list(
        exact(
          {
            id: text,
            path: text,
            version: text,
            truth: text,
            champion: text,
            candidate: text,
            note: text,
          },
          ['id', 'truth', 'champion', 'candidate'],
        ),
      ),
      disagreement: exact({ inputs: number, different: number }, [
        'inputs',
        'different',
      ]),
      diff: files,
      requiredReviewers: list(text),
      fourEyes: flag,
    },
    [
      'project',
      'model',
      'alias',
      'file',
      'rollback',
      'candidate',
      'gates',
      'passes',
      'disagreements',
      'diff',
      'requiredReviewers',
      'fourEyes',
    ],
  ),
  PromotionRequest: exact(
    {
      alias: text,
      version: { type: ['string', 'integer'] },
      reason: text,
      reviewers: list(text),
    },
    ['alias', 'version', 'reason'],
  ),
  AliasPage: exact(
    { at: time, items: list(aliasState), history: list(aliasState) },
    ['at', 'items', 'history'],
  ),
  SyncPage: exact(
    {
      items: list(
        exact(
          {
            project: text,
            kind: choice('pipeline', 'schedule', 'alias'),
            name: text,
            model: text,
            state: choice('Synced', 'OutOfSync', 'Failed'),
            field: text,
            desired: text,
            actual: text,
            message: text,
            since: time,
            commit: text,
          },
          ['project', 'kind', 'name', 'state', 'since', 'commit'],
        ),
      ),
      lookedAt: time,
      allowed: exact({ sync: flag }, ['sync']),
    },
    ['items', 'lookedAt', 'allowed'],
  ),
  SyncRequest: exact({ project: text }, []),
  ActivityPage: exact(
    {
      items: list(
        exact(
          {
            kind: choice(
              'commit',
              'change',
              'run',
              'promotion',
              'rollback',
              'rewrite',
            ),
            at: time,
            by: text,
            title: text,
            why: text,
            commit: text,
            change: text,
            run: text,
            model: text,
            phase: text,
            revertible: flag,
          },
          ['kind', 'at', 'by', 'title'],
        ),
      ),
      nextCursor: text,
    },
    ['items'],
  ),
  Maturity: exact(
    {
      level: { enum: [0, 1, 2] },
      points: list(
        exact(
          {
            name: text,
            level: { enum: [0, 1, 2] },
            met: flag,
            message: text,
            fix: exact({ path: text, content: text }, ['path', 'content']),
          },
          ['name', 'level', 'met', 'message'],
        ),
      ),
    },
    ['level', 'points'],
  ),
  RevertRequest: exact(
    { project: text, commit: text, reason: text, reviewers: list(text) },
    ['project', 'commit'],
  ),
  // A request is described where requests are; here only what callers of a promotion go on with.
  OpenedChange: {
    type: 'object',
    properties: {
      id: text,
      project: text,
      kind: text,
      title: text,
      state: text,
      branch: text,
      head: text,
    },
    required: ['id', 'project', 'kind', 'title', 'state', 'branch', 'head'],
  },
};

/** Paths below `/api/mlops`. */
export const promotionPaths: Record<string, object> = {
  '/models/{project}/{model}/promotions/preview': get(
    'What a person sees before a version takes an alias',
    'PromotionPreview',
    [...inPath('project', 'model'), ...inQuery('alias', 'version')],
  ),
  '/models/{project}/{model}/promotions': post(
    'Opens the request that moves an alias; nothing moves before it is merged',
    'OpenedChange',
    inPath('project', 'model'),
    needs('PromotionRequest'),
    '201',
  ),
  '/models/{project}/{model}/aliases': get(
    'Aliases as they were at a moment, and their history in git',
    'AliasPage',
    [
      ...inPath('project', 'model'),
      ...typedInQuery({
        at: { type: 'string', description: 'A day or a time.' },
      }),
    ],
  ),
  '/sync': {
    ...get(
      'How everything that git asks for stands',
      'SyncPage',
      inQuery('project'),
    ),
    ...post(
      'Reads git and puts right what differs, now',
      'SyncPage',
      [],
      needs('SyncRequest'),
    ),
  },
  '/activity': get(
    'What happened in a project, newest first, with who and why',
    'ActivityPage',
    [...inQuery('project', 'model', 'cursor'), ...typedInQuery(pageSize)],
  ),
  '/projects/{project}/maturity': get(
    'The level of a project by evidence in git and runs',
    'Maturity',
    inPath('project'),
  ),
  '/changes/reverts': post(
    'Opens a request that takes a commit back',
    'OpenedChange',
    [],
    needs('RevertRequest'),
    '201',
  ),
};
