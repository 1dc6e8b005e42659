/* Answers of GitHub: its own examples, with what differs put in. */
import type { FakeGithub, FakePull } from './FakeGithub';
import { example } from './openApi';

const user = (login: string) => ({ ...example('pull-request').user, login });

function withPull(github: FakeGithub, base: any, pull: FakePull) {
  const target = github.commitOf(`refs/heads/${pull.target}`)!;
  return {
    ...base,
    number: pull.number,
    node_id: `PR_${pull.number}`,
    html_url: `https://github.com/farm/models/pull/${pull.number}`,
    title: pull.title,
    body: pull.body,
    draft: pull.draft,
    state: pull.state,
    user: user(pull.user),
    created_at: pull.createdAt,
    updated_at: pull.updatedAt,
    merged_at: pull.mergedAt,
    merge_commit_sha: pull.mergeCommit,
    requested_reviewers: [],
    requested_teams: [],
    head: { ...base.head, ref: pull.branch, sha: pull.head },
    base: {
      ...base.base,
      ref: pull.target,
      sha: pull.mergedAt ? pull.base : target,
    },
  };
}

export const simplePull = (github: FakeGithub, pull: FakePull) =>
  withPull(github, example('pull-request-simple-items')[0], pull);

export const fullPull = (
  github: FakeGithub,
  pull: FakePull,
  mergeable: boolean | null,
) => ({
  ...withPull(github, example('pull-request'), pull),
  merged: pull.mergedAt !== null,
  mergeable,
  merged_by: pull.mergedBy ? user(pull.mergedBy) : null,
});

export function files(github: FakeGithub, base: string, head: string): any[] {
  const [pattern] = example('diff-entry-items');
  const words: Record<string, string> = {
    A: 'added',
    M: 'modified',
    D: 'removed',
  };
  return github
    .git(['diff', '--no-renames', '--name-status', base, head])
    .split('\n')
    .filter(Boolean)
    .map(line => {
      const [sign, name] = line.split('\t');
      const text = github.git(['diff', '--no-renames', base, head, '--', name]);
      const start = text.indexOf('@@');
      return {
        ...pattern,
        filename: name,
        status: words[sign],
        sha:
          github.tryGit(['rev-parse', '-q', '--verify', `${head}:${name}`]) ??
          pattern.sha,
        ...(start < 0 ? {} : { patch: text.slice(start) }),
      };
    });
}

export function commits(github: FakeGithub, base: string, head: string): any[] {
  const [pattern] = example('commit-items');
  return github
    .git(['rev-list', '--reverse', '--topo-order', `${base}..${head}`])
    .split('\n')
    .filter(Boolean)
    .map(sha => {
      const [name, email, date] = github
        .git(['log', '-1', '--format=%an%n%ae%n%aI', sha])
        .split('\n');
      return {
        ...pattern,
        sha,
        commit: {
          ...pattern.commit,
          message: github.git(['log', '-1', '--format=%B', sha]),
          author: { name, email, date },
        },
      };
    });
}

export function review(github: FakeGithub, pull: FakePull, asked: any) {
  const state = {
    APPROVE: 'APPROVED',
    REQUEST_CHANGES: 'CHANGES_REQUESTED',
    COMMENT: 'COMMENTED',
  }[asked.event as 'COMMENT'];
  return {
    ...example('pull-request-review'),
    id: pull.reviews.length + 1,
    user: user(github.login),
    body: asked.body ?? '',
    state,
    commit_id: asked.commit_id ?? pull.head,
    submitted_at: github.now(),
  };
}

export const comment = (github: FakeGithub, body: string) => ({
  ...example('issue-comment'),
  user: user(github.login),
  body,
  created_at: github.now(),
});

export function status(github: FakeGithub, asked: any) {
  const now = github.now();
  return {
    ...example('status'),
    state: asked.state,
    context: asked.context,
    description: asked.description ?? null,
    target_url: asked.target_url ?? null,
    created_at: now,
    updated_at: now,
  };
}

export const shortBlob = (sha: string) => ({ ...example('short-blob'), sha });

export function blob(github: FakeGithub, sha: string) {
  const bytes = github.bytes(sha);
  return {
    ...example('blob'),
    sha,
    size: bytes.length,
    content: bytes.toString('base64'),
    encoding: 'base64',
  };
}

export function tree(github: FakeGithub, asked: any) {
  const env = { GIT_INDEX_FILE: `${github.folder}/tree-index` };
  github.git(['read-tree', asked.base_tree], { env });
  github.git(['update-index', '--index-info'], {
    env,
    input: asked.tree
      .map(({ path: name, sha, mode }: any) =>
        sha === null
          ? `0 ${'0'.repeat(40)}\t${name}\n`
          : `${mode} ${sha}\t${name}\n`,
      )
      .join(''),
  });
  return { ...example('git-tree'), sha: github.git(['write-tree'], { env }) };
}

export function gitCommit(github: FakeGithub, sha: string) {
  const base = example('git-commit');
  const [treeSha, parents, name, email, date] = github
    .git(['log', '-1', '--format=%T%n%P%n%an%n%ae%n%aI', sha])
    .split('\n');
  return {
    ...base,
    sha,
    message: github.git(['log', '-1', '--format=%B', sha]),
    tree: { ...base.tree, sha: treeSha },
    parents: parents
      .split(' ')
      .filter(Boolean)
      .map(parent => ({ ...base.parents[0], sha: parent })),
    author: { name, email, date },
  };
}

export function ref(name: string, sha: string) {
  const base = example('git-ref');
  return {
    ...base,
    ref: name,
    object: { ...base.object, type: 'commit', sha },
  };
}

export function content(github: FakeGithub, name: string, at: string) {
  const sha =
    github.tryGit(['rev-parse', '-q', '--verify', `${at}:${name}`]) ??
    github.tryGit(['rev-parse', '-q', '--verify', `refs/heads/${at}:${name}`]);
  if (!sha) return undefined;
  return {
    ...example('content-file-response-if-content-is-a-file'),
    path: name,
    sha,
  };
}

export function comparison(github: FakeGithub, base: string, head: string) {
  const pattern = example('commit-comparison');
  const count = (range: string) =>
    Number(github.git(['rev-list', '--count', range]));
  const ahead = count(`${base}..${head}`);
  const behind = count(`${head}..${base}`);
  return {
    ...pattern,
    status:
      ahead && behind
        ? 'diverged'
        : ahead
        ? 'ahead'
        : behind
        ? 'behind'
        : 'identical',
    ahead_by: ahead,
    behind_by: behind,
    total_commits: ahead,
    merge_base_commit: {
      ...pattern.merge_base_commit,
      sha: github.git(['merge-base', base, head]),
    },
  };
}

export function branches(github: FakeGithub): any[] {
  const [{ protection: _, ...pattern }] = example(
    'short-branch-with-protection-items',
  );
  return github
    .git([
      'for-each-ref',
      '--format=%(refname:short) %(objectname)',
      'refs/heads',
    ])
    .split('\n')
    .filter(Boolean)
    .map(line => {
      const [name, sha] = line.split(' ');
      return { ...pattern, name, commit: { ...pattern.commit, sha } };
    });
}
