/* What the fake does for each operation. Refusals carry GitHub's own words. */
import type { FakeGithub, FakePull } from './FakeGithub';
import * as view from './views';

export class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly more: object = {},
  ) {
    super(message);
  }
}

interface Ask {
  github: FakeGithub;
  /** What stands for the names in the path, in order. */
  values: string[];
  body: any;
  query: URLSearchParams;
}

interface Operation {
  method: string;
  path: string;
  pattern: RegExp;
  status?: number;
  pages?: boolean;
  answer(ask: Ask): unknown;
}

const notFound = () => new Refusal(404, 'Not Found');
const invalid = (message: string, ...errors: object[]) =>
  new Refusal(422, message, errors.length ? { errors } : {});

const pullOf = ({ github, values }: Ask): FakePull => {
  const found = github.pulls.find(pull => String(pull.number) === values[0]);
  if (!found) throw notFound();
  return observe(github, found);
};

// A push moves the head of an open request; what is merged or closed keeps its own.
function observe(github: FakeGithub, pull: FakePull): FakePull {
  if (pull.state === 'open')
    pull.head = github.commitOf(`refs/heads/${pull.branch}`) ?? pull.head;
  return pull;
}

const mergeTree = (github: FakeGithub, ours: string, theirs: string) =>
  github.tryGit(['merge-tree', '--write-tree', ours, theirs]);

const at = (
  method: string,
  path: string,
  answer: Operation['answer'],
  more: Partial<Operation> = {},
): Operation => ({
  method,
  path,
  answer,
  // A path or a ref may hold slashes, and stands at the end.
  pattern: new RegExp(
    `^${path
      .replace(/\{(ref|path)\}$/, '(?<$1>.+)')
      .replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`,
  ),
  ...more,
});

const pulls: Operation[] = [
  at(
    'get',
    '/pulls',
    ({ github, query }) => {
      const state = query.get('state') ?? 'open';
      const head = query.get('head');
      const base = query.get('base');
      return github.pulls
        .map(pull => observe(github, pull))
        .filter(
          pull =>
            (state === 'all' || pull.state === state) &&
            (!head || head === `farm:${pull.branch}`) &&
            (!base || base === pull.target),
        )
        .reverse()
        .map(pull => view.simplePull(github, pull));
    },
    { pages: true },
  ),
  at(
    'post',
    '/pulls',
    ({ github, body }) => {
      const head = github.commitOf(`refs/heads/${body.head}`);
      const base = github.commitOf(`refs/heads/${body.base}`);
      if (!head || !base)
        throw invalid('Validation Failed', {
          resource: 'PullRequest',
          field: 'head',
          code: 'invalid',
        });
      if (
        github.pulls.some(
          pull => pull.state === 'open' && pull.branch === body.head,
        )
      )
        throw invalid('Validation Failed', {
          resource: 'PullRequest',
          code: 'custom',
          message: `A pull request already exists for farm:${body.head}.`,
        });
      if (github.git(['rev-list', '--count', `${base}..${head}`]) === '0')
        throw invalid('Validation Failed', {
          resource: 'PullRequest',
          code: 'custom',
          message: `No commits between ${body.base} and ${body.head}`,
        });
      const now = github.now();
      const pull: FakePull = {
        number: github.pulls.length + 1,
        title: body.title,
        body: body.body ?? '',
        draft: body.draft ?? false,
        state: 'open',
        branch: body.head,
        target: body.base,
        user: github.login,
        head,
        base,
        createdAt: now,
        updatedAt: now,
        mergedAt: null,
        mergedBy: null,
        mergeCommit: null,
        reviews: [],
        comments: [],
      };
      github.pulls.push(pull);
      return view.fullPull(github, pull, mergeableOf(github, pull));
    },
    { status: 201 },
  ),
  at('get', '/pulls/{pull_number}', ask => {
    const pull = pullOf(ask);
    return view.fullPull(ask.github, pull, mergeableOf(ask.github, pull));
  }),
  at('patch', '/pulls/{pull_number}', ask => {
    const pull = pullOf(ask);
    const { title, body, state } = ask.body;
    Object.assign(
      pull,
      title === undefined ? {} : { title },
      body === undefined ? {} : { body },
      state === undefined ? {} : { state },
      { updatedAt: ask.github.now() },
    );
    return view.fullPull(ask.github, pull, mergeableOf(ask.github, pull));
  }),
  at(
    'get',
    '/pulls/{pull_number}/files',
    ask => {
      const pull = pullOf(ask);
      return view.files(ask.github, mergeBase(ask.github, pull), pull.head);
    },
    { pages: true },
  ),
  at(
    'get',
    '/pulls/{pull_number}/commits',
    ask => {
      const pull = pullOf(ask);
      return view.commits(ask.github, mergeBase(ask.github, pull), pull.head);
    },
    { pages: true },
  ),
  at('put', '/pulls/{pull_number}/merge', ask => merge(ask)),
  at(
    'put',
    '/pulls/{pull_number}/update-branch',
    ask => {
      const { github, body } = ask;
      const pull = pullOf(ask);
      if (body?.expected_head_sha && body.expected_head_sha !== pull.head)
        throw invalid("expected head sha didn't match current head ref.");
      const target = github.commitOf(`refs/heads/${pull.target}`)!;
      const tree = mergeTree(github, pull.head, target);
      if (!tree) throw invalid('merge conflict between base and head');
      const commit = github.git([
        'commit-tree',
        tree,
        '-p',
        pull.head,
        '-p',
        target,
        '-m',
        `Merge branch '${pull.target}' into ${pull.branch}`,
      ]);
      // It is done a moment after the answer.
      setTimeout(
        () => github.git(['update-ref', `refs/heads/${pull.branch}`, commit]),
        5,
      );
      return {
        message: 'Updating pull request branch.',
        url: `https://github.com/farm/models/pull/${pull.number}`,
      };
    },
    { status: 202 },
  ),
];

const mergeBase = (github: FakeGithub, pull: FakePull) =>
  pull.mergedAt
    ? pull.base
    : github.git(['merge-base', `refs/heads/${pull.target}`, pull.head]);

const asked = new WeakMap<FakePull, string>();

// Slow as GitHub itself: it says null until it has looked.
function mergeableOf(github: FakeGithub, pull: FakePull): boolean | null {
  if (pull.state !== 'open') return null;
  const target = github.commitOf(`refs/heads/${pull.target}`)!;
  const pair = `${target} ${pull.head}`;
  if (github.isSlow && asked.get(pull) !== pair) {
    asked.set(pull, pair);
    return null;
  }
  return mergeTree(github, target, pull.head) !== undefined;
}

function merge(ask: Ask) {
  const { github, body } = ask;
  const pull = pullOf(ask);
  if (pull.state !== 'open')
    throw new Refusal(405, 'Pull Request is not mergeable');
  if (body?.sha && body.sha !== pull.head)
    throw new Refusal(
      409,
      'Head branch was modified. Review and try the merge again.',
    );
  const target = github.commitOf(`refs/heads/${pull.target}`)!;
  const tree = mergeTree(github, target, pull.head);
  if (!tree) throw new Refusal(405, 'Pull Request is not mergeable');
  pull.base = github.git(['merge-base', target, pull.head]);
  const commit = github.git([
    'commit-tree',
    tree,
    '-p',
    target,
    ...(body.merge_method === 'merge' ? ['-p', pull.head] : []),
    '-m',
    `${body.commit_title}\n\n${body.commit_message ?? ''}`,
  ]);
  github.git(['update-ref', `refs/heads/${pull.target}`, commit, target]);
  const now = github.now();
  Object.assign(pull, {
    state: 'closed',
    mergedAt: now,
    updatedAt: now,
    mergedBy: github.login,
    mergeCommit: commit,
  });
  return {
    sha: commit,
    merged: true,
    message: 'Pull Request successfully merged',
  };
}

const talk: Operation[] = [
  at('get', '/pulls/{pull_number}/reviews', ask => pullOf(ask).reviews, {
    pages: true,
  }),
  at('post', '/pulls/{pull_number}/reviews', ask => {
    const { github, body } = ask;
    const pull = pullOf(ask);
    if (pull.user === github.login && body.event !== 'COMMENT')
      throw new Refusal(422, 'Unprocessable Entity', {
        errors: [
          body.event === 'APPROVE'
            ? 'Can not approve your own pull request'
            : 'Can not request changes on your own pull request',
        ],
      });
    const review = view.review(github, pull, body);
    pull.reviews.push(review);
    return review;
  }),
  at('get', '/issues/{issue_number}/comments', ask => pullOf(ask).comments, {
    pages: true,
  }),
  at(
    'post',
    '/issues/{issue_number}/comments',
    ask => {
      const comment = view.comment(ask.github, ask.body.body);
      pullOf(ask).comments.push(comment);
      return comment;
    },
    { status: 201 },
  ),
  at(
    'post',
    '/statuses/{sha}',
    ({ github, values, body }) => {
      if (!github.commitOf(values[0])) throw new Refusal(404, 'Not Found');
      const status = view.status(github, body);
      github.statuses.push({ sha: values[0], status });
      return status;
    },
    { status: 201 },
  ),
  at(
    'get',
    '/commits/{ref}/statuses',
    ({ github, values }) =>
      github.statuses
        .filter(item => item.sha === values[0])
        .map(item => item.status)
        .reverse(),
    { pages: true },
  ),
];

const data: Operation[] = [
  at(
    'post',
    '/git/blobs',
    ({ github, body }) =>
      view.shortBlob(
        github.git(['hash-object', '-w', '--stdin'], {
          input: Buffer.from(body.content, body.encoding ?? 'utf8'),
        }),
      ),
    { status: 201 },
  ),
  at('get', '/git/blobs/{file_sha}', ({ github, values }) =>
    view.blob(github, values[0]),
  ),
  at('post', '/git/trees', ({ github, body }) => view.tree(github, body), {
    status: 201,
  }),
  at(
    'post',
    '/git/commits',
    ({ github, body }) => {
      const { name, email, date } = body.author;
      const sha = github.git(
        [
          'commit-tree',
          body.tree,
          ...body.parents.flatMap((parent: string) => ['-p', parent]),
          '-m',
          body.message,
        ],
        {
          env: {
            GIT_AUTHOR_NAME: name,
            GIT_AUTHOR_EMAIL: email,
            GIT_AUTHOR_DATE: date,
          },
        },
      );
      return view.gitCommit(github, sha);
    },
    { status: 201 },
  ),
  at('get', '/git/commits/{commit_sha}', ({ github, values }) => {
    const commit = github.commitOf(values[0]);
    if (!commit) throw notFound();
    return view.gitCommit(github, commit);
  }),
  at(
    'post',
    '/git/refs',
    ({ github, body }) => {
      if (github.commitOf(body.ref))
        throw new Refusal(422, 'Reference already exists');
      github.git(['update-ref', body.ref, body.sha]);
      return view.ref(body.ref, body.sha);
    },
    { status: 201 },
  ),
  at('get', '/git/ref/{ref}', ({ github, values }) => {
    const commit = github.commitOf(`refs/${values[0]}`);
    if (!commit) throw notFound();
    return view.ref(`refs/${values[0]}`, commit);
  }),
  at('patch', '/git/refs/{ref}', ({ github, values, body }) => {
    const ref = `refs/${values[0]}`;
    const present = github.commitOf(ref);
    if (!present) throw new Refusal(422, 'Reference does not exist');
    if (
      github.tryGit(['merge-base', '--is-ancestor', present, body.sha]) ===
      undefined
    )
      throw new Refusal(422, 'Update is not a fast forward');
    github.git(['update-ref', ref, body.sha]);
    return view.ref(ref, body.sha);
  }),
  at(
    'delete',
    '/git/refs/{ref}',
    ({ github, values }) => {
      if (!github.commitOf(`refs/${values[0]}`))
        throw new Refusal(422, 'Reference does not exist');
      github.git(['update-ref', '-d', `refs/${values[0]}`]);
      return undefined;
    },
    { status: 204 },
  ),
  at('get', '/contents/{path}', ({ github, values, query }) => {
    const found = view.content(github, values[0], query.get('ref') ?? 'main');
    if (!found) throw notFound();
    return found;
  }),
  at('get', '/compare/{basehead}', ({ github, values }) => {
    const [base, head] = values[0]
      .split('...')
      .map(
        name => github.commitOf(name) ?? github.commitOf(`refs/heads/${name}`),
      );
    if (!base || !head) throw notFound();
    return view.comparison(github, base, head);
  }),
  at('get', '/branches', ({ github }) => view.branches(github), {
    pages: true,
  }),
];

/** All that the fake knows. */
export const operations: Operation[] = [...pulls, ...talk, ...data];
