/* The part of the HTTP interface about promotions, aliases, desired and actual, activity and maturity. */
type Schema = Record<string, unknown>;

const text: Schema = { type: 'string' };
const number: Schema = { type: 'number' };
const flag: Schema = { type: 'boolean' };
const time: Schema = { type: 'string', format: 'date-time' };
const list = (items: Schema): Schema => ({ type: 'array', items });
const map = (values: Schema): Schema => ({
  type: 'object',
  additionalProperties: values,
});
const choice = (...values: string[]): Schema => ({
  type: 'string',
  enum: values,
});
const closed = (
  properties: Record<string, Schema>,
  required: string[],
): Schema => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});

const interval = closed({ lower: number, upper: number }, ['lower', 'upper']);
const files = list(
  closed(
    {
      path: text,
      status: choice('added', 'modified', 'deleted'),
      diff: text,
      truncated: flag,
    },
    ['path', 'status', 'diff'],
  ),
);
const side = closed(
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
    dataset: closed({ name: text, digest: text }, ['name', 'digest']),
    slices: list(
      closed(
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
const gate = closed(
  {
    gate: text,
    name: text,
    state: choice('passed', 'failed', 'waived', 'error'),
    message: text,
    comparisons: list(
      closed(
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
    waiver: closed({ by: text, reason: text, until: text }, [
      'by',
      'reason',
      'until',
    ]),
  },
  ['gate', 'name', 'state', 'message', 'comparisons'],
);
const aliasState = closed(
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
  PromotionPreview: closed(
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
      codeDiff: closed(
        { from: text, to: text, commits: number, files, truncated: flag },
        ['from', 'to', 'commits', 'files', 'truncated'],
      ),
      disagreements: list(
        closed(
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
      disagreement: closed({ inputs: number, different: number }, [
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
  PromotionRequest: closed(
    {
      alias: text,
      version: { type: ['string', 'integer'] },
      reason: text,
      reviewers: list(text),
    },
    ['alias', 'version', 'reason'],
  ),
  AliasPage: closed(
    { at: time, items: list(aliasState), history: list(aliasState) },
    ['at', 'items', 'history'],
  ),
  SyncPage: closed(
    {
      items: list(
        closed(
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
      allowed: closed({ sync: flag }, ['sync']),
    },
    ['items', 'lookedAt', 'allowed'],
  ),
  SyncRequest: closed({ project: text }, []),
  ActivityPage: closed(
    {
      items: list(
        closed(
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
  Maturity: closed(
    {
      level: { enum: [0, 1, 2] },
      points: list(
        closed(
          {
            name: text,
            level: { enum: [0, 1, 2] },
            met: flag,
            message: text,
            fix: closed({ path: text, content: text }, ['path', 'content']),
          },
          ['name', 'level', 'met', 'message'],
        ),
      ),
    },
    ['level', 'points'],
  ),
  RevertRequest: closed(
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

const json = (name: string, description: string) => ({
  description,
  content: {
    'application/json': { schema: { $ref: `#/components/schemas/${name}` } },
  },
});
const errors = {
  '400': json('Error', 'A field is wrong; the message names it and its value.'),
  '401': json('Error', 'Not signed in.'),
  '403': json('Error', 'Seen, but not allowed.'),
  '404': json('Error', 'Not there, or not the caller’s to see.'),
};
const path = (...names: string[]) =>
  names.map(name => ({ name, in: 'path', required: true, schema: text }));
const query = (...names: string[]) =>
  names.map(name => ({ name, in: 'query', required: false, schema: text }));
const get = (summary: string, answer: string, parameters: object[] = []) => ({
  get: {
    summary,
    parameters,
    responses: { '200': json(answer, summary), ...errors },
  },
});
const post = (
  summary: string,
  names: { body: string; answer: string; status: '200' | '201' },
  parameters: object[] = [],
) => ({
  post: {
    summary,
    parameters,
    requestBody: {
      required: true,
      content: {
        'application/json': {
          schema: { $ref: `#/components/schemas/${names.body}` },
        },
      },
    },
    responses: {
      [names.status]: json(names.answer, summary),
      ...errors,
      '409': json('Error', 'It cannot be done as things are; it says why.'),
    },
  },
});

/** Paths below `/api/mlops`. */
export const promotionPaths: Record<string, object> = {
  '/models/{project}/{model}/promotions/preview': get(
    'What a person sees before a version takes an alias',
    'PromotionPreview',
    [...path('project', 'model'), ...query('alias', 'version')],
  ),
  '/models/{project}/{model}/promotions': post(
    'Opens the request that moves an alias; nothing moves before it is merged',
    { body: 'PromotionRequest', answer: 'OpenedChange', status: '201' },
    path('project', 'model'),
  ),
  '/models/{project}/{model}/aliases': get(
    'Aliases as they were at a moment, and their history in git',
    'AliasPage',
    [...path('project', 'model'), ...query('at')],
  ),
  '/sync': {
    ...get(
      'How everything that git asks for stands',
      'SyncPage',
      query('project'),
    ),
    ...post('Reads git and puts right what differs, now', {
      body: 'SyncRequest',
      answer: 'SyncPage',
      status: '200',
    }),
  },
  '/activity': get(
    'What happened in a project, newest first, with who and why',
    'ActivityPage',
    query('project', 'model', 'cursor', 'limit'),
  ),
  '/projects/{project}/maturity': get(
    'The level of a project by evidence in git and runs',
    'Maturity',
    path('project'),
  ),
  '/changes/reverts': post('Opens a request that takes a commit back', {
    body: 'RevertRequest',
    answer: 'OpenedChange',
    status: '201',
  }),
};
