/* The part of the HTTP interface about changes and their effect. */
import {
  choice,
  closed,
  errors,
  get,
  inPath,
  inQuery,
  pageSize,
  typedInQuery,
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
  type Schema,
} from './words';

const flag: Schema = { type: 'boolean' };
const commit: Schema = { type: 'string', pattern: '^[0-9a-f]{40}$' };
const checkState = choice('pending', 'passed', 'failed');
const interval = object(
  { lower: number, upper: number },
  ['lower', 'upper'],
  closed,
);
const trial = object(
  {
    pipeline: text,
    parameters: map({ type: ['string', 'number', 'boolean'] }),
  },
  ['pipeline'],
  closed,
);

const summary = {
  id: text,
  project: text,
  kind: choice('change', 'promotion', 'project', 'revert'),
  title: text,
  state: choice('open', 'merged', 'closed'),
  draft: flag,
  branch: text,
  target: text,
  base: commit,
  head: commit,
  author: text,
  reviewers: list(text),
  createdAt: time,
  updatedAt: time,
  mergeCommit: commit,
  mergedBy: text,
  mergedAt: time,
  url: text,
  checksState: choice('pending', 'passed', 'failed', 'none'),
};
const summaryRequired = [
  'id',
  'project',
  'kind',
  'title',
  'state',
  'draft',
  'branch',
  'target',
  'base',
  'head',
  'author',
  'reviewers',
  'createdAt',
  'updatedAt',
  'checksState',
];

const edit: Schema = {
  oneOf: [
    object({ path: text, content: text }, ['path', 'content'], closed),
    object({ path: text, delete: { const: true } }, ['path', 'delete'], closed),
    object(
      {
        path: text,
        set: list(
          object(
            { at: list({ type: ['string', 'integer'] }), value: {} },
            ['at'],
            closed,
          ),
        ),
      },
      ['path', 'set'],
      closed,
    ),
  ],
};

const comparedRun = object(
  {
    id: text,
    pipeline: text,
    phase,
    message: text,
    commit,
    ref: text,
    seconds: number,
    price: number,
    currency: text,
    createdAt: time,
    finishedAt: time,
  },
  ['id', 'pipeline', 'phase', 'commit', 'ref', 'createdAt'],
  closed,
);

/** Shapes of changes. */
export const changeSchemas: Record<string, Schema> = {
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
  ChangedFile: object(
    {
      path: text,
      status: choice('added', 'modified', 'deleted'),
      diff: text,
      truncated: flag,
    },
    ['path', 'status', 'diff'],
    closed,
  ),
  ChangeSummary: object(summary, summaryRequired, closed),
  ChangePage: object(
    { items: list(ref('ChangeSummary')), nextCursor: text },
    ['items'],
    closed,
  ),
  Change: object(
    {
      ...summary,
      message: text,
      files: list(ref('ChangedFile')),
      commits: list(
        object(
          { commit, title: text, author: text, at: time },
          ['commit', 'title', 'author', 'at'],
          closed,
        ),
      ),
      checks: list(
        object(
          {
            name: text,
            commit,
            state: checkState,
            message: text,
            logUrl: text,
            updatedAt: time,
          },
          ['name', 'commit', 'state', 'message', 'updatedAt'],
          closed,
        ),
      ),
      reviews: list(
        object(
          {
            by: text,
            verdict: choice('approved', 'changes-requested', 'commented'),
            comment: text,
            commit,
            at: time,
          },
          ['by', 'verdict', 'commit', 'at'],
          closed,
        ),
      ),
      comments: list(
        object({ by: text, text, at: time }, ['by', 'text', 'at'], closed),
      ),
      conflicts: list(
        object(
          {
            path: text,
            line: number,
            ours: list(text),
            base: list(text),
            theirs: list(text),
          },
          ['path', 'line', 'ours', 'base', 'theirs'],
          closed,
        ),
      ),
      mergeable: flag,
      blockedBy: list(text),
      requiredReviewers: list(text),
      trialRun: object(
        { id: text, phase, pipeline: text },
        ['id', 'phase', 'pipeline'],
        closed,
      ),
      promotion: { type: 'object' },
      live: flag,
      allowed: object(
        {
          review: flag,
          merge: flag,
          close: flag,
          update: flag,
          promote: flag,
          approveAsOwner: flag,
        },
        ['review', 'merge', 'close', 'update', 'promote'],
        closed,
      ),
    },
    [
      ...summaryRequired,
      'message',
      'files',
      'commits',
      'checks',
      'reviews',
      'comments',
      'mergeable',
      'blockedBy',
      'requiredReviewers',
      'allowed',
    ],
    closed,
  ),
  ChangeRequest: object(
    {
      project: text,
      title: { type: 'string', minLength: 1, maxLength: 250 },
      message: text,
      edits: list(edit),
      base: text,
      draft: flag,
      trialRun: trial,
      reviewers: list(text),
      branch: text,
    },
    ['project', 'title'],
    closed,
  ),
  ChangeUpdate: object(
    {
      title: text,
      message: text,
      draft: flag,
      reviewers: list(text),
      edits: list(edit),
      head: commit,
    },
    [],
    closed,
  ),
  ChangeReview: object(
    {
      verdict: choice('approved', 'changes-requested', 'commented'),
      comment: text,
    },
    ['verdict'],
    closed,
  ),
  ChangeComment: object({ comment: text, text }, [], closed),
  ChangeMerge: object(
    { method: choice('squash', 'merge'), head: commit },
    [],
    closed,
  ),
  ChangeChecks: object({ name: text, trialRun: trial }, [], closed),
  ChangeComparison: object(
    {
      trial: comparedRun,
      main: comparedRun,
      metrics: list(
        object(
          {
            name: text,
            trial: number,
            main: number,
            difference: number,
            trialInterval: interval,
            mainInterval: interval,
            direction: choice('higher', 'lower'),
            verdict: choice(
              'better',
              'worse',
              'same',
              'within-noise',
              'unknown',
            ),
          },
          ['name', 'verdict'],
          closed,
        ),
      ),
      parameters: list(
        object({ name: text, trial: text, main: text }, ['name'], closed),
      ),
    },
    ['metrics', 'parameters'],
    closed,
  ),
  Branches: object(
    {
      items: list(
        object({ branch: text, head: commit }, ['branch', 'head'], closed),
      ),
    },
    ['items'],
    closed,
  ),
};

const act = (summaryText: string, body?: string) =>
  post(summaryText, 'Change', inPath('id'), body);

/** Routes of changes. */
export const changePaths = {
  '/effect': post(
    'What edits would do: steps, parameters, cost, whom it affects, findings. Writes nothing',
    'Effect',
    [],
    'EffectRequest',
  ),
  '/changes': {
    ...get('Proposed changes, newest first', 'ChangePage', [
      ...inQuery('project', 'cursor'),
      ...typedInQuery({
        state: choice('open', 'merged', 'closed'),
        waitingFor: choice('me'),
        ...pageSize,
      }),
    ]),
    post: {
      summary:
        'Proposes a change: edits on a branch of their own, or a branch that was pushed',
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
        content: { 'application/json': { schema: ref('ChangeRequest') } },
      },
      responses: {
        '201': json('Change', 'The change, open; its checks have begun.'),
        ...errors,
        '409': json(
          'Error',
          'A file changed since it was read, or the key was used for another change.',
        ),
        '413': json('Error', 'The body is larger than 1 MiB.'),
      },
    },
  },
  '/branches': get('Branches that were pushed and have no request', 'Branches'),
  '/changes/{id}': {
    ...get('One change with all that belongs to it', 'Change', inPath('id')),
    patch: {
      ...post(
        'Other words, or another commit on the branch',
        'Change',
        inPath('id'),
        'ChangeUpdate',
      ).post,
    },
  },
  '/changes/{id}/comparison': get(
    'The trial run beside the last good run of the main branch',
    'ChangeComparison',
    inPath('id'),
  ),
  '/changes/{id}/review': act(
    'Approves, asks for changes, or comments',
    'ChangeReview',
  ),
  '/changes/{id}/comment': act('Says something', 'ChangeComment'),
  '/changes/{id}/merge': act(
    'Merges it, unless something blocks it',
    'ChangeMerge',
  ),
  '/changes/{id}/close': act('Closes it for good'),
  '/changes/{id}/rebase': act('Puts the branch onto the newest commit'),
  '/changes/{id}/checks': act('Runs its checks again', 'ChangeChecks'),
};
