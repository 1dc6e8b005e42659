/* What every host of pull requests does. Runs in jest, in the inhabitant's own test. */
/* eslint-disable jest/no-export -- a suite is what this file gives to the tests of each host */
import type {
  HostActor,
  OpenPullRequest,
  PullRequestHost,
} from './PullRequestHost';

/** A host over a repository of its own, and git beside it. @public */
export interface PullRequestHostFixture {
  host: PullRequestHost;
  /** The newest commit of a branch. */
  commitOf(branch: string): Promise<string>;
  /**
   * What stock git does beside the host: a commit with these files (`null` removes one) on a branch, which begins at the target
   * when it is new. Gives the commit.
   */
  push(branch: string, files: Record<string, string | null>): Promise<string>;
  /** Text of a file at a branch or commit; undefined when it is not there. */
  read(ref: string, path: string): Promise<string | undefined>;
  stop?(): Promise<void>;
}

/** Files of the first commit on the branch `main`. @public */
export const pullRequestHostFiles: Record<string, string> = {
  'ml-projects/one/mlproject.yaml': 'kind: MLProject\n',
  'ml-projects/one/pipelines/train.yaml':
    'first: 1\n# a comment\nsecond: 2\nthird: 3\nfourth: 4\nfifth: 5\n',
  'ml-projects/one/README.md': '# One\n',
};

const train = 'ml-projects/one/pipelines/train.yaml';
const text = pullRequestHostFiles[train];
const jen: HostActor = {
  ref: 'user:default/jen',
  name: 'Jen',
  email: 'jen@example.org',
};
const rex: HostActor = {
  ref: 'user:default/rex',
  name: 'Rex',
  email: 'rex@example.org',
};

/** The suite. `create` makes a fresh fixture for each test. @public */
export function pullRequestHostContract(
  create: () => Promise<PullRequestHostFixture>,
): void {
  let fixture: PullRequestHostFixture;
  const open = async (more: Partial<OpenPullRequest> & object = {}) =>
    fixture.host.open({
      title: 'First is two',
      by: jen,
      base: await fixture.commitOf('main'),
      files: [{ path: train, content: text.replace('1', '2') }],
      ...more,
    } as OpenPullRequest);

  beforeEach(async () => {
    fixture = await create();
  });
  afterEach(async () => {
    await fixture.stop?.();
  });

  it('opens a request of files on a branch of its own', async () => {
    const main = await fixture.commitOf('main');
    const request = await open({
      message: 'It is *better*.',
      reviewers: [rex.ref],
      files: [
        { path: train, content: text.replace('first: 1', 'first: 2') },
        { path: 'ml-projects/one/new.txt', content: 'ünï\n' },
        { path: 'ml-projects/one/README.md', content: null },
      ],
    });
    expect(request).toMatchObject({
      title: 'First is two',
      message: 'It is *better*.',
      state: 'open',
      draft: false,
      target: 'main',
      base: main,
      author: jen.ref,
      reviewers: [rex.ref],
      checks: [],
      reviews: [],
      comments: [],
    });
    expect(request.branch).toMatch(/^mlops\/.*first-is-two/);
    expect(request.head).toBe(await fixture.commitOf(request.branch));
    expect(
      request.files.map(({ path, status }) => [path, status]).sort(),
    ).toEqual([
      ['ml-projects/one/README.md', 'deleted'],
      ['ml-projects/one/new.txt', 'added'],
      [train, 'modified'],
    ]);
    const { diff } = request.files.find(file => file.path === train)!;
    expect(diff).toContain('\n-first: 1\n+first: 2\n');
    expect(request.commits).toHaveLength(1);
    expect(request.commits[0]).toMatchObject({
      commit: request.head,
      title: 'First is two',
    });
    expect(await fixture.read('main', train)).toBe(text);
    expect(await fixture.read(request.branch, 'ml-projects/one/new.txt')).toBe(
      'ünï\n',
    );
  });

  it('opens the same request again when it is asked with the same key', async () => {
    const key = 'a'.repeat(64);
    const first = await open({ key });
    const second = await open({ key });
    expect(second.number).toBe(first.number);
    expect((await fixture.host.list({ limit: 10 })).items).toHaveLength(1);
  });

  it('refuses files that changed on the main branch since they were made', async () => {
    const base = await fixture.commitOf('main');
    await fixture.push('main', { [train]: `${text}sixth: 6\n` });
    await expect(open({ base } as object)).rejects.toMatchObject({
      name: 'ConflictError',
    });
    expect((await fixture.host.list({ limit: 10 })).items).toEqual([]);
  });

  it('opens a branch that was pushed, and tells which have no request', async () => {
    const head = await fixture.push('jens-work', {
      [train]: text.replace('5', '50'),
    });
    expect(await fixture.host.looseBranches()).toEqual([
      { branch: 'jens-work', head },
    ]);
    const request = await fixture.host.open({
      title: 'By hand',
      by: jen,
      branch: 'jens-work',
    });
    expect(request).toMatchObject({ branch: 'jens-work', head, state: 'open' });
    expect(request.files).toHaveLength(1);
    expect(await fixture.host.looseBranches()).toEqual([]);
    await expect(
      fixture.host.open({ title: 'Again', by: jen, branch: 'jens-work' }),
    ).rejects.toMatchObject({
      name: expect.stringMatching(/ConflictError|InputError/),
    });
    await expect(
      fixture.host.open({ title: 'None', by: jen, branch: 'no-such-branch' }),
    ).rejects.toMatchObject({
      name: expect.stringMatching(/InputError|NotFoundError/),
    });
  });

  it('adds commits to the branch, and other words', async () => {
    const { number, head } = await open();
    const updated = await fixture.host.update(number, {
      by: rex,
      title: 'First is three',
      message: 'Really.',
      commitTitle: 'three',
      files: [{ path: train, content: text.replace('first: 1', 'first: 3') }],
      head,
    });
    expect(updated).toMatchObject({
      title: 'First is three',
      message: 'Really.',
    });
    expect(updated.commits.map(commit => commit.title)).toEqual([
      'First is two',
      'three',
    ]);
    expect(updated.head).not.toBe(head);
    await expect(
      fixture.host.update(number, {
        by: jen,
        commitTitle: 'late',
        files: [{ path: train, content: 'late\n' }],
        head,
      }),
    ).rejects.toMatchObject({ name: 'ConflictError' });
    expect(await fixture.read(updated.branch, train)).toContain('first: 3');
  });

  it('lists requests, newest first, page by page and by state', async () => {
    const numbers: number[] = [];
    for (const name of ['a', 'b', 'c'])
      numbers.push(
        (
          await open({
            title: `Request ${name}`,
            files: [{ path: `ml-projects/one/${name}.txt`, content: name }],
          } as object)
        ).number,
      );
    await fixture.host.close(numbers[1], jen);
    const first = await fixture.host.list({ limit: 2 });
    expect(first.items.map(item => item.number)).toEqual([
      numbers[2],
      numbers[1],
    ]);
    const second = await fixture.host.list({
      limit: 2,
      cursor: first.nextCursor,
    });
    expect(second.items.map(item => item.number)).toEqual([numbers[0]]);
    expect(second.nextCursor).toBeUndefined();
    const opened = await fixture.host.list({ state: 'open', limit: 10 });
    expect(opened.items.map(item => item.number)).toEqual([
      numbers[2],
      numbers[0],
    ]);
    const closed = await fixture.host.list({ state: 'closed', limit: 10 });
    expect(closed.items.map(item => item.number)).toEqual([numbers[1]]);
  });

  it('keeps comments, reviews and checks, each with what it was said of', async () => {
    const { number, head } = await open();
    await fixture.host.comment(number, { by: rex, text: 'Why `two`?' });
    await fixture.host.review(number, {
      by: rex,
      verdict: 'changes-requested',
      comment: 'Say why.',
    });
    await fixture.host.setCheck(number, {
      name: 'files valid',
      commit: head,
      state: 'pending',
      message: 'Looking.',
    });
    await fixture.host.setCheck(number, {
      name: 'files valid',
      commit: head,
      state: 'failed',
      message: 'train.yaml:3: no.',
      logUrl: 'https://portal.example.org/log',
    });
    await fixture.push((await fixture.host.get(number)).branch, {
      'ml-projects/one/more.txt': 'more',
    });
    await fixture.host.review(number, { by: rex, verdict: 'approved' });
    const request = await fixture.host.get(number);
    expect(request.head).not.toBe(head);
    expect(request.comments).toMatchObject([
      { by: rex.ref, text: 'Why `two`?' },
    ]);
    expect(request.reviews).toMatchObject([
      {
        by: rex.ref,
        verdict: 'changes-requested',
        comment: 'Say why.',
        commit: head,
      },
      { by: rex.ref, verdict: 'approved', commit: request.head },
    ]);
    expect(request.checks).toMatchObject([
      {
        name: 'files valid',
        commit: head,
        state: 'failed',
        message: 'train.yaml:3: no.',
      },
    ]);
  });

  it('does not let the author approve', async () => {
    const { number } = await open();
    await expect(
      fixture.host.review(number, { by: jen, verdict: 'approved' }),
    ).rejects.toMatchObject({ name: 'InputError' });
    expect((await fixture.host.get(number)).reviews).toEqual([]);
  });

  it.each(['squash', 'merge'] as const)('merges by %s', async method => {
    const { number, head } = await open();
    await fixture.push('main', { 'ml-projects/one/other.txt': 'other' });
    const merged = await fixture.host.merge(number, { by: rex, method, head });
    expect(merged).toMatchObject({ state: 'merged', mergedBy: rex.ref, head });
    expect(merged.mergeCommit).toBe(await fixture.commitOf('main'));
    expect(merged.files.map(file => file.path)).toEqual([train]);
    expect(await fixture.read('main', train)).toContain('first: 2');
    expect(await fixture.read('main', 'ml-projects/one/other.txt')).toBe(
      'other',
    );
    await expect(
      fixture.host.merge(number, { by: rex, method, head }),
    ).rejects.toMatchObject({ name: 'ConflictError' });
    await expect(
      fixture.host.update(number, { by: jen, title: 'Late' }),
    ).rejects.toMatchObject({ name: 'ConflictError' });
  });

  it('does not merge another head than the one that was seen', async () => {
    const { number, head, branch } = await open();
    await fixture.push(branch, { 'ml-projects/one/more.txt': 'more' });
    await expect(
      fixture.host.merge(number, { by: rex, method: 'squash', head }),
    ).rejects.toMatchObject({ name: 'ConflictError' });
    expect(await fixture.read('main', train)).toBe(text);
  });

  it('shows where the change does not fit, and neither merges nor rebases it', async () => {
    const { number, head } = await open();
    await fixture.push('main', { [train]: text.replace('1', '9') });
    const request = await fixture.host.get(number);
    expect(request.mergeable).toBe(false);
    expect(request.conflicts).toMatchObject([
      {
        path: train,
        line: 1,
        ours: ['first: 9'],
        base: ['first: 1'],
        theirs: ['first: 2'],
      },
    ]);
    await expect(
      fixture.host.merge(number, { by: rex, method: 'squash', head }),
    ).rejects.toMatchObject({ name: 'ConflictError' });
    await expect(fixture.host.rebase(number, jen)).rejects.toMatchObject({
      name: 'ConflictError',
    });
    expect((await fixture.host.get(number)).head).toBe(head);
  });

  it('puts the branch onto the newest commit', async () => {
    const { number, head } = await open();
    const main = await fixture.push('main', {
      [train]: text.replace('fifth: 5', 'fifth: 55'),
    });
    const rebased = await fixture.host.rebase(number, jen);
    expect(rebased.head).not.toBe(head);
    expect(rebased).toMatchObject({ base: main, mergeable: true });
    expect(rebased.conflicts).toBeUndefined();
    expect(await fixture.read(rebased.branch, train)).toBe(
      text.replace('1', '2').replace('fifth: 5', 'fifth: 55'),
    );
  });

  it('closes a request for good', async () => {
    const { number, head } = await open();
    expect(await fixture.host.close(number, jen)).toMatchObject({
      state: 'closed',
      head,
    });
    await expect(
      fixture.host.merge(number, { by: rex, method: 'squash', head }),
    ).rejects.toMatchObject({ name: 'ConflictError' });
    const closed = await fixture.host.get(number);
    expect(closed.files.map(file => file.path)).toEqual([train]);
    expect(await fixture.read('main', train)).toBe(text);
  });

  it('knows no request that is not there', async () => {
    await expect(fixture.host.get(987_654)).rejects.toMatchObject({
      name: 'NotFoundError',
    });
    await expect(fixture.host.close(987_654, jen)).rejects.toMatchObject({
      name: 'NotFoundError',
    });
  });
}
