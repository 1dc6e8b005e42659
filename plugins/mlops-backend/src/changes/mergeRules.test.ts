import type {
  PullRequestDetail,
  PullRequestReview,
  ReadProject,
} from '@backstage-mlops/mlops-core';
import type { ChangeContext } from './ChangeCheck';
import { fourEyesRule, reviewsRule } from './mergeRules';
import { scopeRule } from './scopeRule';

const jen = 'user:default/jen';
const rex = 'user:default/rex';
const asks =
  'Another person than those who wrote it has to approve it (four eyes).';

const said = (
  by: string,
  verdict: PullRequestReview['verdict'],
  commit = 'head',
): PullRequestReview => ({ by, verdict, commit, at: '2026-01-01T00:00:00Z' });

const policy = (fourEyes: boolean) =>
  ({ project: { spec: { policy: { fourEyes } } } } as ReadProject);

const context = (
  reviews: PullRequestReview[],
  more: Partial<ChangeContext> = {},
): ChangeContext => ({
  change: {
    author: jen,
    head: 'head',
    base: 'base',
    reviews,
    files: [{ path: 'ml-projects/b/x', status: 'added', diff: '' }],
  } as unknown as PullRequestDetail,
  project: 'a',
  kind: 'change',
  base: 'base',
  head: 'head',
  before: policy(true),
  after: policy(true),
  by: rex,
  writers: [jen],
  attempt: 1,
  ...more,
});

describe('four eyes', () => {
  it.each<[string, PullRequestReview[], Partial<ChangeContext>, string[]]>([
    ['asks where nobody approved', [], {}, [asks]],
    ['is content with another person', [said(rex, 'approved')], {}, []],
    ['does not count the author', [said(jen, 'approved')], {}, [asks]],
    [
      'does not count who wrote a commit of it',
      [said(rex, 'approved')],
      { writers: [jen, rex] },
      [asks],
    ],
    [
      'does not count an approval of an older commit',
      [said(rex, 'approved', 'older')],
      {},
      [asks],
    ],
    [
      'does not count an approval that was taken back',
      [said(rex, 'approved'), said(rex, 'changes-requested')],
      {},
      [asks],
    ],
    [
      'counts an approval that a comment follows',
      [said(rex, 'approved'), said(rex, 'commented')],
      {},
      [],
    ],
    [
      'holds a request to the policy that it takes away',
      [],
      { after: policy(false) },
      [asks],
    ],
    [
      'holds a request to the policy that it brings',
      [],
      { before: policy(false) },
      [asks],
    ],
    [
      'holds a branch to the policy that the main branch has since',
      [],
      { before: policy(false), after: policy(false), main: policy(true) },
      [asks],
    ],
    [
      'lets a policy go that the main branch has no more',
      [],
      { after: policy(false), main: policy(false) },
      [],
    ],
    [
      'asks nothing where no policy does',
      [],
      { before: policy(false), after: policy(false) },
      [],
    ],
    [
      'holds a request that takes the project away',
      [],
      { after: undefined },
      [asks],
    ],
  ])('%s', async (_name, reviews, more, blocked) => {
    expect(await fourEyesRule.blockedBy(context(reviews, more))).toEqual(
      blocked,
    );
  });
});

it('waits for whoever asked for changes, until they approve', async () => {
  const asked = [said(rex, 'changes-requested')];
  expect(await reviewsRule.blockedBy(context(asked))).toEqual([
    `${rex} asks for changes.`,
  ]);
  expect(
    await reviewsRule.blockedBy(context([...asked, said(rex, 'approved')])),
  ).toEqual([]);
});

describe('what a request may touch', () => {
  const blocked = (
    paths: string[] | Error,
    more: Partial<ChangeContext> = {},
    root = '',
  ) =>
    scopeRule({
      root,
      comparison: {
        paths: async () => {
          if (paths instanceof Error) throw paths;
          return paths;
        },
      },
    }).blockedBy(context([], more));

  it('is the folder of its project', async () => {
    expect(await blocked(['ml-projects/a/x', 'ml-projects/a/y/z'])).toEqual([]);
    expect(await blocked(['in/ml-projects/a/x'], {}, 'in')).toEqual([]);
  });
  it.each([
    'ml-projects/b/mlproject.yaml',
    'ml-projects/ab/x',
    'ml-projects/README.md',
    'README.md',
    '.github/workflows/all.yaml',
  ])('is not %s', async path => {
    expect(await blocked(['ml-projects/a/x', path])).toEqual([
      expect.stringContaining(`It touches '${path}', which is not of its`),
    ]);
  });
  it('is what all share for who may merge everywhere', async () => {
    const shared = ['argo/common.yaml', 'CODEOWNERS'];
    expect(await blocked(shared)).toEqual([
      expect.stringContaining("'argo/common.yaml', 'CODEOWNERS', which all"),
    ]);
    expect(await blocked(shared, { mergesEverywhere: true })).toEqual([]);
  });
  it('is told by the host where the commit is not here yet', async () => {
    expect(await blocked(new Error('no such commit'))).toEqual([
      expect.stringContaining("'ml-projects/b/x'"),
    ]);
  });
});
