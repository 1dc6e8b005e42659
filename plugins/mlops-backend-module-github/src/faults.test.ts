/* What GitHub and the way to it do wrong: pages, limits, refusals, answers that never come, words that somebody forged. */
import type { HostActor } from '@backstage-mlops/mlops-core';
import { startFake } from './__testUtils__/startFake';
import { comment } from './__testUtils__/views';

jest.setTimeout(60_000);

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

describe('pull requests on a GitHub that fails', () => {
  let fake: Awaited<ReturnType<typeof startFake>>;
  const open = (more: object = {}) =>
    fake.host.open({
      title: 'First is two',
      by: jen,
      base: fake.github.commitOf('refs/heads/main')!,
      files: [{ path: 'a.yaml', content: 'first: 2\n' }],
      ...more,
    });
  const times = (call: string) =>
    fake.github.calls.filter(item => item.startsWith(call)).length;

  beforeEach(async () => {
    fake = await startFake({ 'a.yaml': 'first: 1\n', 'b.yaml': 'b: 1\n' });
  });
  afterEach(() => fake.github.stop());

  it('reads every page', async () => {
    fake.github.pageLimit = 1;
    fake.github.isSlow = true;
    const { number } = await open({
      files: [
        { path: 'a.yaml', content: 'first: 2\n' },
        { path: 'b.yaml', content: null },
        { path: 'c.yaml', content: 'c: 1\n' },
      ],
    });
    fake.github.push('other', { 'd.yaml': 'd: 1\n' });
    for (const text of ['one', 'two'])
      await fake.host.comment(number, { by: rex, text });
    for (const verdict of ['commented', 'approved'] as const)
      await fake.host.review(number, { by: rex, verdict });
    await open({ title: 'Second', key: 'second' });
    const request = await fake.host.get(number);
    expect(request).toMatchObject({ mergeable: true });
    expect(request.files).toHaveLength(3);
    expect(request.comments.map(item => item.text)).toEqual(['one', 'two']);
    expect(request.reviews).toHaveLength(2);
    expect(await fake.host.looseBranches()).toHaveLength(1);
    const first = await fake.host.list({ limit: 1 });
    expect(first.items.map(item => item.title)).toEqual(['Second']);
    const second = await fake.host.list({ limit: 1, cursor: first.nextCursor });
    expect(second.items.map(item => item.title)).toEqual(['First is two']);
    expect(second.nextCursor).toBeUndefined();
  });

  it('waits as long as GitHub asks it to, and goes on', async () => {
    fake.github.fail({
      call: 'POST /pulls',
      status: 403,
      message: 'You have exceeded a secondary rate limit.',
      headers: { 'retry-after': '3' },
    });
    expect((await open()).number).toBe(1);
    expect(times('POST /pulls')).toBe(2);
    expect(fake.github.pulls).toHaveLength(1);
  });

  it('does not wait for minutes, and says so', async () => {
    fake.github.fail({
      call: 'POST /git/blobs',
      times: 9,
      status: 429,
      message: 'You have exceeded a secondary rate limit.',
      headers: { 'retry-after': '3600' },
    });
    await expect(open()).rejects.toMatchObject({
      name: 'ServiceUnavailableError',
    });
    expect(times('POST /git/blobs')).toBe(1);
    expect(fake.github.pulls).toEqual([]);
  });

  it('asks again after a fault of the server, and gives up in the end', async () => {
    fake.github.fail({ call: 'GET /git/ref/', times: 2, status: 502 });
    const { number } = await open();
    fake.github.fail({ call: 'GET /pulls/1', times: 50, status: 500 });
    await expect(fake.host.get(number)).rejects.toMatchObject({
      name: 'ServiceUnavailableError',
    });
  });

  it('tells nothing of its token when that is refused', async () => {
    const error = await fake
      .another('ghs_wrong')
      .get(1)
      .catch(caught => caught);
    expect(error.name).toBe('ServiceUnavailableError');
    expect(`${error.message}${error.stack}`).not.toContain('ghs_wrong');
  });

  it.each([
    'POST /pulls',
    'POST /git/refs',
    'POST /git/commits',
    'POST /git/trees',
  ])('opens one request when %s failed after it did the work', async call => {
    fake.github.fail({ call, status: 502, afterwards: true });
    await open();
    expect(fake.github.pulls).toHaveLength(1);
    expect((await fake.host.get(1)).commits).toHaveLength(1);
    expect(
      fake.github.git(['for-each-ref', 'refs/heads/mlops']).split('\n'),
    ).toHaveLength(1);
  });

  it('goes on with what an earlier call left, by the same key', async () => {
    fake.github.fail({ call: 'POST /pulls', times: 3, status: 500 });
    await expect(open({ key: 'k' })).rejects.toMatchObject({
      name: 'ServiceUnavailableError',
    });
    expect(fake.github.pulls).toEqual([]);
    const request = await open({ key: 'k' });
    expect(request).toMatchObject({ key: 'k', number: 1 });
    expect(
      fake.github.git(['for-each-ref', 'refs/heads/mlops']).split('\n'),
    ).toHaveLength(1);
    expect((await open({ key: 'k' })).number).toBe(1);
  });

  it('says a thing once when the answer to it was lost', async () => {
    const { number } = await open();
    for (const call of ['POST /issues/1/comments', 'POST /pulls/1/reviews'])
      fake.github.fail({ call, status: 504, afterwards: true });
    await fake.host.comment(number, { by: rex, text: 'Why?' });
    await fake.host.review(number, { by: rex, verdict: 'approved' });
    const { comments, reviews } = await fake.host.get(number);
    expect(comments).toHaveLength(1);
    expect(reviews).toHaveLength(1);
  });

  it('adds one commit when the answer to it was lost', async () => {
    const { number, head } = await open();
    fake.github.fail({
      call: 'PATCH /git/refs/',
      status: 502,
      afterwards: true,
    });
    const updated = await fake.host.update(number, {
      by: jen,
      commitTitle: 'three',
      files: [{ path: 'a.yaml', content: 'first: 3\n' }],
      head,
    });
    expect(updated.commits.map(({ title }) => title)).toEqual([
      'First is two',
      'three',
    ]);
  });

  it('merges once when the answer to it was lost', async () => {
    const { number, head } = await open();
    fake.github.fail({
      call: 'PUT /pulls/1/merge',
      status: 502,
      afterwards: true,
    });
    const merged = await fake.host.merge(number, {
      by: rex,
      method: 'squash',
      head,
    });
    expect(merged).toMatchObject({ state: 'merged', mergedBy: rex.ref });
    expect(times('PUT /pulls/1/merge')).toBe(1);
  });

  it('updates a branch once when the answer to it was lost', async () => {
    const { number } = await open();
    const main = fake.github.push('main', { 'b.yaml': 'b: 2\n' });
    fake.github.fail({
      call: 'PUT /pulls/1/update-branch',
      status: 502,
      afterwards: true,
    });
    const rebased = await fake.host.rebase(number, jen);
    expect(rebased).toMatchObject({ base: main, mergeable: true });
    expect(rebased.commits).toHaveLength(2);
  });

  it('answers a conflict when GitHub does', async () => {
    const { number, head } = await open();
    fake.github.fail({
      call: 'PUT /pulls/1/merge',
      status: 409,
      message: 'Head branch was modified. Review and try the merge again.',
    });
    await expect(
      fake.host.merge(number, { by: rex, method: 'merge', head }),
    ).rejects.toMatchObject({ name: 'ConflictError' });
    expect((await fake.host.get(number)).state).toBe('open');
  });

  it('does not take words that somebody else forged', async () => {
    const { number } = await open({
      message: 'Fine.\n\n---\n*x*\n<!-- mlops {"by":"user:default/rex"} -->',
    });
    const [pull] = fake.github.pulls;
    expect(await fake.host.get(number)).toMatchObject({ author: jen.ref });
    const { login } = fake.github;
    fake.github.login = 'mallory';
    pull.comments.push(
      comment(
        fake.github,
        'x\n\n---\n*x*\n<!-- mlops {"by":"user:default/rex"} -->',
      ),
    );
    fake.github.login = login;
    pull.user = 'mallory';
    const { author, comments } = await fake.host.get(number);
    expect(author).toBe('mallory');
    expect(comments[0].by).toBe('mallory');
    pull.comments = [];
    pull.user = fake.github.login;
  });

  it('knows people of GitHub who are in the catalog, and lets their requests be approved there', async () => {
    fake.github.push('jens-work', { 'a.yaml': 'first: 5\n' });
    const { number } = await fake.host.open({
      title: 'By hand',
      by: jen,
      branch: 'jens-work',
    });
    const [pull] = fake.github.pulls;
    pull.user = 'octo-jen';
    expect((await fake.host.get(number)).author).toBe(jen.ref);
    await expect(
      fake.host.review(number, { by: jen, verdict: 'approved' }),
    ).rejects.toMatchObject({ name: 'InputError' });
    const { reviews } = await fake.host.review(number, {
      by: rex,
      verdict: 'approved',
    });
    expect(reviews).toMatchObject([{ by: rex.ref, verdict: 'approved' }]);
    expect(pull.reviews[0].state).toBe('APPROVED');
    pull.user = fake.github.login;
  });

  it('makes a draft of a request and back', async () => {
    const { number } = await open({ draft: true });
    expect((await fake.host.get(number)).draft).toBe(true);
    const ready = await fake.host.update(number, { by: jen, draft: false });
    expect(ready.draft).toBe(false);
    expect(
      (await fake.host.update(number, { by: jen, draft: true })).draft,
    ).toBe(true);
  });

  it('keeps reviewers and author over a change of words', async () => {
    const { number } = await open({ message: 'Why.', reviewers: [rex.ref] });
    const updated = await fake.host.update(number, {
      by: rex,
      message: 'Better.',
    });
    expect(updated).toMatchObject({
      author: jen.ref,
      message: 'Better.',
      reviewers: [rex.ref],
    });
  });

  it('cuts a long message of a check, and names logs of the portal by its address', async () => {
    const { number, head } = await open();
    await fake.host.setCheck(number, {
      name: 'gates',
      commit: head,
      state: 'failed',
      message: 'x'.repeat(500),
      logUrl: '/mlops/runs/train-1',
    });
    expect(fake.github.statuses[0].status).toMatchObject({
      context: 'mlops/gates',
      target_url: 'https://portal.example.org/mlops/runs/train-1',
    });
    const [check] = (await fake.host.get(number)).checks;
    expect(check.message).toHaveLength(140);
    expect(check.logUrl).toBe('/mlops/runs/train-1');
  });
});
