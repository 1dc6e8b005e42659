/* The requests and answers of a real MLflow server, played in order against ours. */
import { TestDatabases } from '@backstage/backend-test-utils';
import express from 'express';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import request from 'supertest';
import {
  applyTrackingMigrations,
  createTrackingRouter,
  FileArtifactStore,
  TrackingService,
} from './index';

const records: any[] = JSON.parse(
  fs.readFileSync(
    path.resolve(__dirname, '../../../../shared/mlflow-golden.json'),
    'utf8',
  ),
);

/** Routes that steps use; what else the file holds comes later. */
const covered =
  /^\/api\/2\.0\/mlflow\/(experiments|runs\/(create|get|update|delete|restore|search|log-metric|log-parameter|set-tag|delete-tag|log-batch|log-inputs)|(registered-models|model-versions)\/search$|metrics\/get-history$)/;

// What a real server says of its database is not for clients, and it names keys in any order.
const wording = (message?: string | null) =>
  (message ?? '').split(/ Error: \(sqlite3| Valid keys are /)[0];

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_17'] });
const ids = ['SQLITE_3', 'POSTGRES_17'] as const;

async function start(id: (typeof ids)[number]) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tracking-'));
  const knex = await databases.init(id);
  await applyTrackingMigrations(knex);
  const tracking = new TrackingService(
    knex,
    new FileArtifactStore(folder, knex),
  );
  const app = express().use(
    createTrackingRouter({
      tracking,
      authorize: async () => ({ kind: 'user', canWrite: true }),
    }),
  );
  return { app, knex, tracking, folder };
}

describe.each(ids)('the MLflow protocol on %s', database => {
  it('answers as a real server does, for the routes that steps use', async () => {
    const { app } = await start(database);
    const known = new Map<string, string>();
    const replace = (value: unknown): any => {
      let text = JSON.stringify(value ?? null);
      for (const [theirs, ours] of known) text = text.split(theirs).join(ours);
      return JSON.parse(text);
    };
    const different: string[] = [];
    let played = 0;
    for (const record of records) {
      if (
        !covered.test(record.path) ||
        typeof record.body === 'string' ||
        JSON.stringify(record).includes('model_id')
      )
        continue;
      played += 1;
      const call =
        record.method === 'GET'
          ? request(app)
              .get(record.path)
              .query(replace(record.query) ?? {})
          : (request(app) as any)
              [record.method.toLowerCase()](record.path)
              .send(replace(record.body) ?? {});
      const answer = await call;
      const theirs = record.response?.run?.info?.run_id;
      if (theirs && answer.body?.run)
        known.set(theirs, answer.body.run.info.run_id);
      if (
        answer.status !== record.status ||
        answer.body.error_code !== record.response?.error_code ||
        wording(answer.body.message) !==
          wording(replace(record.response?.message))
      )
        different.push(
          `${record.label}: ${answer.status} ${answer.body.error_code ?? ''} ${
            answer.body.message ?? ''
          } instead of ${record.status} ${record.response?.error_code ?? ''} ${
            record.response?.message ?? ''
          }`,
        );
    }
    expect(played).toBeGreaterThan(40);
    // A wrong method is one more unknown route here; servers since 3.7 name a wrong key of a model as they name others; the record of
    // 'text/plain' does not hold what was sent.
    expect(
      different.filter(
        line =>
          !/^(wrong method|rm search bad|text\/plain)|rename deleted/i.test(
            line,
          ),
      ),
    ).toEqual([]);
  });

  it('answers an unknown route as JSON 404', async () => {
    const { app } = await start(database);
    for (const route of [
      '/api/2.0/mlflow/nothing/here',
      '/api/2.0/mlflow-artifacts/nothing/here',
      '/api/3.0/mlflow/server-info',
      '/ajax-api/2.0/mlflow/nothing',
    ]) {
      const answer = await request(app).get(route);
      expect([route, answer.status, answer.body.error_code]).toEqual([
        route,
        404,
        'ENDPOINT_NOT_FOUND',
      ]);
    }
  });
});

describe.each(ids)('a step on %s', database => {
  it('writes to its own run and children, registers its project’s models, and reaches nothing else', async () => {
    const { app: open, tracking } = await start(database);
    const mine = await tracking.startRun({
      experiment: 'fruit',
      runName: 'train',
      user: 'u',
      tags: { 'mlops.commit': 'c'.repeat(40), 'mlops.run': 'r1' },
    });
    const other = await tracking.startRun({
      experiment: 'other',
      runName: 'train',
      user: 'u',
      tags: {},
    });
    const app = express().use(
      createTrackingRouter({
        tracking,
        authorize: async () => ({
          kind: 'run',
          project: 'fruit',
          trackingRunId: mine.runId,
          experimentId: Number(mine.experimentId),
        }),
      }),
    );
    const post = (route: string, body: object) =>
      request(app).post(`/api/2.0/mlflow/${route}`).send(body);
    expect(
      (
        await post('runs/log-metric', {
          run_id: mine.runId,
          key: 'accuracy',
          value: 0.9,
          timestamp: 1,
        })
      ).status,
    ).toBe(200);
    expect(
      (
        await post('runs/log-metric', {
          run_id: other.runId,
          key: 'accuracy',
          value: 0.9,
          timestamp: 1,
        })
      ).status,
    ).toBe(403);
    const child = (
      await post('runs/create', {
        experiment_id: mine.experimentId,
        run_name: 'candidate',
      })
    ).body.run.info.run_id;
    expect(
      (
        await post('runs/log-parameter', {
          run_id: child,
          key: 'lr',
          value: '0.1',
        })
      ).status,
    ).toBe(200);
    const file = `/api/2.0/mlflow-artifacts/artifacts/${mine.experimentId}/${mine.runId}/artifacts/models/m/weights.bin`;
    expect(
      (await request(app).put(file).send(Buffer.from('weights'))).status,
    ).toBe(200);
    expect((await request(app).get(file)).body.toString()).toBe('weights');
    for (const hostile of [
      '../../x',
      '..%2f..%2fx',
      '%252e%252e/x',
      'a/../../x',
      'a//b',
    ])
      expect(
        (
          await request(app)
            .put(
              `/api/2.0/mlflow-artifacts/artifacts/${mine.experimentId}/${mine.runId}/artifacts/${hostile}`,
            )
            .send('x')
        ).status,
      ).toBeGreaterThanOrEqual(400);
    expect(
      (await post('registered-models/create', { name: 'other.m' })).status,
    ).toBe(403);
    expect(
      (await post('registered-models/create', { name: 'fruit.m' })).status,
    ).toBe(200);
    for (const source of [
      '/etc/passwd',
      'file:///etc',
      `runs:/${other.runId}/models/m`,
      `runs:/${mine.runId}/../x`,
    ])
      expect(
        (await post('model-versions/create', { name: 'fruit.m', source }))
          .status,
      ).toBeGreaterThanOrEqual(400);
    const version = await post('model-versions/create', {
      name: 'fruit.m',
      source: `runs:/${mine.runId}/models/m`,
      run_id: mine.runId,
    });
    expect(version.body.model_version).toMatchObject({
      version: '1',
      status: 'READY',
    });
    await request(app).put(file).send(Buffer.from('other weights'));
    const { body } = await tracking.openVersionFile(
      'fruit.m',
      '1',
      'weights.bin',
    );
    const parts: Uint8Array[] = [];
    for await (const part of body) parts.push(part);
    expect(Buffer.concat(parts).toString()).toBe('weights');
    expect((await tracking.getVersion('fruit.m', '1')).manifest).toMatchObject({
      runId: 'r1',
      metrics: { accuracy: 0.9 },
      files: [{ path: 'weights.bin', sizeBytes: 7 }],
    });
    expect(
      (await tracking.listMetricSeries(mine.runId)).map(series => series.key),
    ).toEqual(['accuracy']);
    // As a client in Python asks, of itself.
    const found = async (route: string, query: object = {}) =>
      (await request(open).get(`/api/2.0/mlflow/${route}`).query(query)).body;
    const noPrompts = "tag.`mlflow.prompt.is_prompt` != 'true'";
    for (const filter of [noPrompts, `name = 'fruit.m' AND ${noPrompts}`])
      expect(
        (await found('registered-models/search', { filter })).registered_models,
      ).toMatchObject([{ name: 'fruit.m' }]);
    for (const filter of [
      undefined,
      noPrompts,
      "name = 'fruit.m'",
      "run_id = 'RUN'".replace('RUN', mine.runId),
    ])
      expect(
        (await found('model-versions/search', { filter })).model_versions,
      ).toMatchObject([{ name: 'fruit.m', version: '1' }]);
    expect(
      await found('model-versions/search', { filter: "run_id = 'another'" }),
    ).toEqual({});
    expect(
      (await post('logged-models/search', { experiment_ids: ['1'] })).body,
    ).toEqual({});
    const runsLike = async (pattern: string) =>
      (
        await request(open)
          .post('/api/2.0/mlflow/runs/search')
          .send({
            experiment_ids: [mine.experimentId],
            filter: `tags.words LIKE '${pattern}'`,
          })
      ).body.runs?.length ?? 0;
    await post('runs/set-tag', {
      run_id: mine.runId,
      key: 'words',
      value: 'a'.repeat(4_000),
    });
    expect([
      await runsLike(`${'%a'.repeat(60)}%`),
      await runsLike(`${'%a'.repeat(60)}%b`),
      await runsLike(`_a%`),
      await runsLike(`a`),
    ]).toEqual([1, 0, 1, 0]);
  });
});
