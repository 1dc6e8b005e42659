import { execFileSync } from 'node:child_process';
import path from 'node:path';
import {
  databases,
  projectFile,
  startPortal,
  templateFile,
  type TestPortal,
} from '../__testUtils__/startPortal';

jest.setTimeout(120_000);

const modelPath = 'ml-projects/fruit/models/kind.yaml';
const modelFile = `apiVersion: backstage-mlops/v1alpha1
kind: MLModel
metadata: { name: kind } # which fruit
spec:
  task: tabular-classification
  primaryMetric: { name: accuracy, direction: higher }
  intendedUse: Apples and pears.
  licence: MIT
  gates:
    - { name: good enough, check: 'metrics.accuracy >= 0.9' }
    - { name: no worse, check: 'metrics.recall_bad >= champion.recall_bad - 0.01' }
`;
const seeded = {
  'ml-projects/fruit/mlproject.yaml': projectFile('fruit'),
  [modelPath]: modelFile,
  'ml-projects/fruit/pipelines/train.yaml': templateFile(
    'train',
    `entrypoint: main
templates:
  - name: main
    script: { image: tools, command: [sh], source: 'true' }`,
  ),
};

describe.each(databases)('promotions, %s', client => {
  let portal: TestPortal;
  const git = (...args: string[]) =>
    execFileSync('git', args, {
      cwd: path.join(portal.folder, 'data/gitops.git'),
      encoding: 'utf8',
      stdio: 'pipe',
    }).trim();
  const mlflow = async (call: string, body: object) => {
    const answer = await portal.post(`api/2.0/mlflow/${call}`, body);
    expect([call, answer.status, answer.body.message]).toEqual([
      call,
      200,
      undefined,
    ]);
    return answer.body;
  };
  let experiment: string;
  const register = async (
    metrics: Record<string, number>,
    answers: Record<string, string>,
  ) => {
    const { run } = await mlflow('runs/create', { experiment_id: experiment });
    const id = run.info.run_id;
    const files: Record<string, unknown> = {
      'model.json': { metrics },
      'evaluation.json': {
        examples: 10,
        metrics: Object.entries(metrics).map(([name, value]) => ({
          name,
          value,
          interval: { lower: value - 0.05, upper: value + 0.02 },
        })),
        slices: [
          {
            feature: 'farm',
            value: 'north',
            examples: 4,
            metric: 'accuracy',
            metricValue: metrics.accuracy,
          },
        ],
      },
      'predictions.json': Object.entries(answers).map(
        ([example, prediction]) => ({
          id: example,
          truth: 'apple',
          prediction,
        }),
      ),
    };
    for (const [name, content] of Object.entries(files))
      expect(
        (
          await portal
            .put(
              `api/2.0/mlflow-artifacts/artifacts/${experiment}/${id}/artifacts/models/kind/${name}`,
            )
            .set('content-type', 'application/octet-stream')
            .send(JSON.stringify(content))
        ).status,
      ).toBe(200);
    const { model_version: version } = await mlflow('model-versions/create', {
      name: 'fruit.kind',
      source: `mlflow-artifacts:/${experiment}/${id}/artifacts/models/kind`,
      run_id: id,
    });
    return version.version as string;
  };
  const propose = async (version: string, alias = 'champion') => {
    const answer = await portal.post('models/fruit/kind/promotions', {
      alias,
      version,
      reason: `Because of version ${version}`,
    });
    expect([answer.status, answer.body.error]).toEqual([201, undefined]);
    return answer.body;
  };
  const checked = (id: string) =>
    portal.until(async () => {
      const { body } = await portal.get(`changes/${id}`);
      return !['pending', 'none'].includes(body.checksState) && body;
    });
  const merge = async (id: string) => {
    await checked(id);
    const answer = await portal.post(`changes/${id}/merge`, {});
    expect([answer.status, answer.body.error]).toEqual([200, undefined]);
    return answer.body;
  };
  const aliasNow = () =>
    portal
      .get(
        'api/2.0/mlflow/registered-models/alias?name=fruit.kind&alias=champion',
      )
      .then(({ body }) => body.model_version?.version);
  const syncOf = async (name: string) =>
    (await portal.get('sync?project=fruit')).body.items.find(
      (item: any) => item.name === name,
    );
  let firstMergedAt: string;

  beforeAll(async () => {
    portal = await startPortal(client, seeded);
    experiment = (await mlflow('experiments/create', { name: 'fruit' }))
      .experiment_id;
    await mlflow('registered-models/create', { name: 'fruit.kind' });
    await register(
      { accuracy: 0.92, recall_bad: 0.9 },
      { a: 'pear', b: 'pear' },
    );
    await register(
      { accuracy: 0.95, recall_bad: 0.93 },
      { a: 'apple', b: 'pear' },
    );
    await register({ accuracy: 0.85, recall_bad: 0.7 }, { a: 'apple' });
  });
  afterAll(() => portal.stop());

  it('shows the first champion with its gates, and what is absent', async () => {
    const { body } = await portal
      .get('models/fruit/kind/promotions/preview?alias=champion&version=1')
      .expect(200);
    expect(body).toMatchObject({
      alias: 'champion',
      file: modelPath,
      rollback: false,
      passes: true,
      candidate: {
        version: '1',
        metrics: { accuracy: 0.92 },
        slices: [{ feature: 'farm', value: 'north' }],
      },
      disagreements: [],
      gates: [
        {
          name: 'good enough',
          state: 'passed',
          message: 'metrics.accuracy 0.92 (0.87 to 0.94) is at least 0.9.',
        },
        {
          state: 'passed',
          message: expect.stringContaining('there is no champion yet'),
        },
      ],
    });
    expect(body.champion).toBeUndefined();
    expect(body.diff[0].diff).toMatch(
      /^\+ {2}aliases:\n\+ {4}champion:[^]*version: 1/m,
    );
  });

  it.each([
    ['alias=champion&version=9', 404, "has no version '9'"],
    ['alias=champion&version=x', 400, 'version must be the number'],
    ['alias=latest&version=1', 400, 'alias must be'],
    ['alias=a/b&version=1', 400, "not 'a/b'"],
    ['version=1', 400, 'alias must be'],
  ])('answers %s with %i', async (query, status, words) => {
    const answer = await portal.get(
      `models/fruit/kind/promotions/preview?${query}`,
    );
    expect(answer.status).toBe(status);
    expect(answer.body.error.message).toContain(words);
  });

  it('opens a request with a diff of that alias alone; merged, the registry follows', async () => {
    const change = await propose('1');
    expect(change).toMatchObject({
      kind: 'promotion',
      title: 'Promote version 1 of kind to champion',
      promotion: { alias: 'champion', version: '1' },
    });
    expect(change.files).toHaveLength(1);
    expect(change.files[0].diff).not.toMatch(/^-(?!--)/m);
    const { checks } = await checked(change.id);
    expect(checks.find(({ name }: any) => name === 'gates')).toMatchObject({
      state: 'passed',
      message: 'Version 1 of kind passes 2 gates.',
    });
    expect(await aliasNow()).toBeUndefined();
    await merge(change.id);
    await portal.until(async () => (await aliasNow()) === '1');
    firstMergedAt = new Date().toISOString();
    expect(
      await portal.until(
        async () =>
          (await syncOf('champion'))?.state === 'Synced' && syncOf('champion'),
      ),
    ).toMatchObject({
      kind: 'alias',
      model: 'kind',
      field: 'spec.aliases.champion.version',
      desired: '1',
      actual: '1',
    });
    const again = await portal.post('models/fruit/kind/promotions', {
      alias: 'champion',
      version: 1,
      reason: 'again',
    });
    expect(again.status).toBe(409);
  });

  it('refuses the declared alias to MLflow clients and names the file; others are free', async () => {
    for (const answer of [
      await portal.post('api/2.0/mlflow/registered-models/alias', {
        name: 'fruit.kind',
        alias: 'champion',
        version: '2',
      }),
      await portal
        .delete('api/2.0/mlflow/registered-models/alias')
        .send({ name: 'fruit.kind', alias: 'champion' }),
    ]) {
      expect(answer.status).toBe(403);
      expect(answer.body.error_code).toBe('PERMISSION_DENIED');
      expect(answer.body.message).toContain(modelPath);
    }
    await mlflow('registered-models/alias', {
      name: 'fruit.kind',
      alias: 'shadow',
      version: '2',
    });
    const { body } = await portal.get('models/fruit/kind');
    expect(body.aliases).toEqual([
      { alias: 'champion', version: '1', declared: true },
      { alias: 'shadow', version: '2', declared: false },
    ]);
  });

  it('shows what is different, promotes the better one, and remembers who was champion when', async () => {
    const { body } = await portal.get(
      'models/fruit/kind/promotions/preview?alias=champion&version=2',
    );
    expect(body).toMatchObject({
      champion: { version: '1' },
      candidate: { version: '2' },
      passes: true,
      disagreement: { inputs: 2, different: 1 },
      disagreements: [
        { id: 'a', truth: 'apple', champion: 'pear', candidate: 'apple' },
      ],
    });
    // Git knows seconds: the two merges must not fall into one, or nobody was champion before.
    await portal.until(
      async () => Date.now() >= Date.parse(firstMergedAt) + 1000,
    );
    await merge((await propose('2')).id);
    await portal.until(async () => (await aliasNow()) === '2');
    const page = await portal.get('models/fruit/kind/aliases');
    expect(page.body.items).toMatchObject([
      { alias: 'champion', version: '2', by: 'user:default/mock' },
    ]);
    expect(page.body.history.map(({ version }: any) => version)).toEqual([
      '2',
      '1',
    ]);
    expect(page.body.history[1]).toMatchObject({
      reason: 'Because of version 1',
      change: expect.any(String),
    });
    const before = await portal.get(
      `models/fruit/kind/aliases?at=${page.body.history[1].since}`,
    );
    expect(before.body.items).toMatchObject([{ version: '1' }]);
    expect(
      (await portal.get('models/fruit/kind/aliases?at=2020-05-03')).body.items,
    ).toEqual([]);
    expect((await portal.get('models/fruit/kind/aliases?at=soon')).status).toBe(
      400,
    );
    expect(firstMergedAt > page.body.history[1].since).toBe(true);
  });

  it('blocks a failed gate at the merge too, in the words of the dialog, until a waiver stands in git', async () => {
    const preview = await portal.get(
      'models/fruit/kind/promotions/preview?alias=champion&version=3',
    );
    expect(preview.body.passes).toBe(false);
    const change = await propose('3');
    const seen = await checked(change.id);
    const gate = seen.checks.find(({ name }: any) => name === 'gates');
    expect(gate.state).toBe('failed');
    for (const { message } of preview.body.gates)
      expect(gate.message).toContain(message);
    // Check and merge ask the same; the reason is said once.
    expect(
      seen.blockedBy.filter((text: string) => text.includes('is below 0.9')),
    ).toHaveLength(1);
    const refused = await portal.post(`changes/${change.id}/merge`, {});
    expect(refused.status).toBe(409);
    expect(refused.body.error.message).toContain(
      'metrics.accuracy 0.85 (0.8 to 0.87) is below 0.9',
    );
    const waivers = ['good enough', 'no worse'].map(name => ({
      gate: name,
      version: 3,
      by: 'user:default/rex',
      reason: 'The harvest cannot wait.',
      until: '2999-12-31',
    }));
    await portal
      .patch(`changes/${change.id}`, {
        edits: [
          {
            path: modelPath,
            set: [{ at: ['spec', 'waivers'], value: waivers }],
          },
        ],
      })
      .expect(200);
    await portal.until(async () => {
      const { body } = await portal.get(`changes/${change.id}`);
      return body.checks.some(
        (check: any) => check.name === 'gates' && check.state === 'passed',
      );
    });
    await portal.post(`changes/${change.id}/close`, {});
  });

  it('gates an alias that is pushed by hand, and one that takes its gates away', async () => {
    const digest = (await portal.get('models/fruit/kind')).body.versions.find(
      ({ version }: any) => version === '3',
    ).digest;
    const text = git('show', `main:${modelPath}`)
      .replace(/gates:[^]*?(?=\n {2}aliases)/, 'gates: []')
      .replace(/version: 2/, 'version: 3')
      .replace(/sha256:[0-9a-f]{64}/, digest);
    expect(text).toContain('version: 3');
    const change = await portal.post('changes', {
      project: 'fruit',
      title: 'By hand',
      edits: [{ path: modelPath, content: `${text}\n` }],
    });
    expect(change.status).toBe(201);
    const seen = await checked(change.body.id);
    expect(seen.checks.find(({ name }: any) => name === 'gates')).toMatchObject(
      {
        state: 'failed',
        message: expect.stringContaining('is below 0.9'),
      },
    );
    await portal.post(`changes/${change.body.id}/close`, {});
  });

  it('rolls back by a revert that no later champion stands in the way of', async () => {
    const { body } = await portal.get(
      'models/fruit/kind/promotions/preview?alias=champion&version=1',
    );
    expect(body).toMatchObject({ rollback: true, passes: true });
    const change = await propose('1');
    expect(change.kind).toBe('revert');
    expect(change.message).toMatch(/This reverts commit [0-9a-f]{40}\./);
    await checked(change.id);
    // Somebody looks just before: what they saw must not be what the next one sees.
    await portal.get('activity?project=fruit').expect(200);
    await merge(change.id);
    await portal.until(async () => (await aliasNow()) === '1');
    const { items } = (await portal.get('activity?project=fruit')).body;
    expect(items[0]).toMatchObject({
      kind: 'rollback',
      title: 'champion of kind goes back to version 1',
      why: 'Because of version 1',
      by: 'user:default/mock',
      model: 'kind',
      revertible: true,
    });
  });

  it('tells what git asks for and cannot be, with the moment since when, over a restart', async () => {
    const before = git('show', `main:${modelPath}`);
    portal.push({
      [modelPath]: `${before.replace(/version: 1\b/, 'version: 77')}\n`,
    });
    const failed = await portal.until(async () => {
      const item = await syncOf('champion');
      return item?.state === 'Failed' && item;
    });
    expect(failed).toMatchObject({
      field: 'spec.aliases.champion.version',
      desired: '77',
      actual: '1',
      message: 'Version 77 is not in the registry.',
      commit: git('rev-parse', 'main'),
    });
    expect((await portal.get('projects')).body.items[0].sync).toMatchObject({
      state: 'Failed',
    });
    await portal.restart();
    expect((await syncOf('champion')).since).toBe(failed.since);
    const head = git('rev-parse', 'main');
    const revert = await portal.post('changes/reverts', {
      project: 'fruit',
      commit: head,
      reason: 'There is no 77.',
    });
    expect([revert.status, revert.body.error]).toEqual([201, undefined]);
    expect(revert.body.kind).toBe('revert');
    await merge(revert.body.id);
    await portal.until(
      async () => (await syncOf('champion')).state === 'Synced',
    );
    const twice = await portal.post('changes/reverts', {
      project: 'fruit',
      commit: head,
    });
    expect(twice.status).toBe(409);
    expect(twice.body.error.message).toContain('Nothing of commit');
    const { body } = await portal.post('sync', { project: 'fruit' });
    expect(body.items.map(({ name }: any) => name)).toEqual([
      'champion',
      'train',
    ]);
  });

  it('says the level by evidence, and pages through what happened', async () => {
    const { body } = await portal.get('projects/fruit/maturity').expect(200);
    expect(body.level).toBe(0);
    const point = (name: string) =>
      body.points.find((item: any) => item.name === name);
    expect(point('pipeline in git').met).toBe(true);
    expect(point('gates').met).toBe(true);
    expect(point('data checks').fix.path).toBe(
      'ml-projects/fruit/datasets/data.yaml',
    );
    const fix = point('tests').fix;
    const change = await portal.post('changes', {
      project: 'fruit',
      title: 'Add tests',
      edits: [fix],
    });
    expect(change.status).toBe(201);
    const seen: string[] = [];
    let cursor = '';
    do {
      const { body: page } = await portal
        .get(`activity?project=fruit&limit=3${cursor && `&cursor=${cursor}`}`)
        .expect(200);
      seen.push(
        ...page.items.map(
          (item: any) => `${item.kind} ${item.commit} ${item.change}`,
        ),
      );
      cursor = page.nextCursor ?? '';
    } while (cursor);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBeGreaterThan(8);
    expect((await portal.get('activity?project=fruit&cursor=x')).status).toBe(
      400,
    );
    expect((await portal.get('activity?project=none')).status).toBe(404);
    expect((await portal.get('sync?project=none')).status).toBe(404);
  });

  it('brings back a project that a request took away', async () => {
    portal.push({ 'ml-projects/old/mlproject.yaml': projectFile('old') });
    const there = async () => (await portal.get('projects/old')).status;
    await portal.until(async () => (await there()) === 200);
    const removal = await portal.post('changes', {
      project: 'old',
      title: 'Old is not needed',
      edits: [{ path: 'ml-projects/old', delete: true }],
    });
    expect([removal.status, removal.body.error]).toEqual([201, undefined]);
    const { mergeCommit } = await merge(removal.body.id);
    await portal.until(async () => (await there()) === 404);
    const elsewhere = await portal.post('changes/reverts', {
      project: 'never-was',
      commit: mergeCommit,
    });
    expect([elsewhere.status, elsewhere.body.error.message]).toEqual([
      404,
      expect.stringContaining('changed nothing in ml-projects/never-was'),
    ]);
    const revert = await portal.post('changes/reverts', {
      project: 'old',
      commit: mergeCommit,
    });
    expect([revert.status, revert.body.error]).toEqual([201, undefined]);
    expect(revert.body.title).toBe(
      `Revert "Old is not needed (#${removal.body.id})"`,
    );
    await merge(revert.body.id);
    await portal.until(async () => (await there()) === 200);
    // What the portal writes below the message for itself is said by the link to the request.
    const { body } = await portal.get('activity?project=old').expect(200);
    expect(
      body.items
        .filter(({ kind }: any) => kind === 'commit')
        .map(({ change, why }: any) => [change, why]),
    ).toEqual([
      [revert.body.id, `This reverts commit ${mergeCommit}.`],
      [removal.body.id, undefined],
      [undefined, undefined],
    ]);
  });
});
