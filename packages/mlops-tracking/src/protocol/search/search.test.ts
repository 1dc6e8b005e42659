/* What a real server (3.17) answers to the same questions about the same experiments, runs and models. */
import { TestDatabases } from '@backstage/backend-test-utils';
import express, { type Express } from 'express';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import request from 'supertest';
import {
  applyTrackingMigrations,
  createTrackingRouter,
  FileArtifactStore,
  TrackingService,
} from '../../index';

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_17'] });
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders)
    fs.rmSync(folder, { recursive: true, force: true });
});

const names = ['apple', 'Apple pie', 'pear%x', 'pear_y', "it's", 'a and b'];

async function call(app: Express, route: string, body: object) {
  const answer = await request(app).post(`/api/2.0/mlflow/${route}`).send(body);
  return answer.status === 200 ? answer.body : answer.body.message;
}

async function start(id: 'SQLITE_3' | 'POSTGRES_17') {
  const knex = await databases.init(id);
  await applyTrackingMigrations(knex);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tracking-'));
  folders.push(folder);
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
  for (const [i, name] of names.entries())
    await call(app, 'experiments/create', {
      name,
      tags: [
        ...(i % 2 ? [{ key: 'team', value: i % 3 ? 'veg' : 'Fruit' }] : []),
        ...(i % 3 === 0 ? [{ key: 'a b/c', value: 'x' }] : []),
      ],
    });
  const { experiments } = await call(app, 'experiments/search', {
    max_results: 1,
    filter: "name = 'apple'",
  });
  const experiment = experiments[0].experiment_id;
  for (let i = 0; i < 8; i++) {
    const { run } = await call(app, 'runs/create', {
      experiment_id: experiment,
      run_name: `run ${i}`,
      start_time: 1000 + i,
    });
    await call(app, 'runs/log-batch', {
      run_id: run.info.run_id,
      metrics: [
        ...(i % 4
          ? [{ key: 'acc', value: i === 5 ? 'NaN' : i / 10, timestamp: 1 }]
          : []),
        { key: 'val.loss', value: i === 2 ? 'NaN' : 0, timestamp: 1 },
      ],
      params: [
        { key: 'word', value: ['salt and pepper', "O'Neil", 'a%b'][i % 3] },
        ...(i % 2 ? [{ key: 'lr', value: `0.${i}` }] : []),
      ],
      tags: i % 5 ? [{ key: 'my tag', value: `v${i}` }] : [],
    });
    if (i === 3)
      await call(app, 'runs/log-inputs', {
        run_id: run.info.run_id,
        datasets: [
          {
            dataset: { name: 'ds', digest: 'd', source_type: 's', source: 'x' },
            tags: [{ key: 'mlflow.data.context', value: 'training' }],
          },
        ],
      });
  }
  return {
    app,
    experimentsOf: async (filter: string, more: object = {}) => {
      const found = await call(app, 'experiments/search', {
        max_results: 100,
        filter,
        ...more,
      });
      return typeof found === 'string'
        ? found
        : (found.experiments ?? []).map((item: any) => item.name);
    },
    runsOf: async (filter: string, more: object = {}) => {
      const found = await call(app, 'runs/search', {
        experiment_ids: [experiment],
        filter,
        ...more,
      });
      return typeof found === 'string'
        ? found
        : (found.runs ?? [])
            .map((item: any) => item.info.run_name.slice(4))
            .join(' ');
    },
  };
}

describe.each(['SQLITE_3', 'POSTGRES_17'] as const)('search on %s', id => {
  it('finds experiments by name, time and tags', async () => {
    const { experimentsOf } = await start(id);
    const byName = { order_by: ['name'] };
    for (const [filter, found] of [
      ["name != 'apple'", ['Apple pie', 'a and b', "it's", 'pear%x', 'pear_y']],
      ["name LIKE 'pear_x'", ['pear%x']],
      ["name LIKE 'A%'", ['Apple pie']],
      ["attribute.name ILIKE 'A%'", ['Apple pie', 'a and b', 'apple']],
      ['name = "it\'s"', ["it's"]],
      ["name = 'a and b'", ['a and b']],
      ["tags.team = 'veg' AND name LIKE '% %'", ['Apple pie', 'a and b']],
      ["tag.team != 'veg'", ['pear_y']],
      ["tags.`a b/c` = 'x'", ['apple', 'pear_y']],
      ['tags."a b/c" = \'x\'', ['apple', 'pear_y']],
      ['tags.team IS NULL', ['apple', "it's", 'pear%x']],
      [`AND tags.team IS NOT NULL name LIKE 'p%' and`, ['pear_y']],
      ['creation_time > 0 AND last_update_time < 1', []],
      ["experiment_id IN ('1', '2')", expect.any(Array)],
    ] as const)
      expect([filter, await experimentsOf(filter, byName)]).toEqual([
        filter,
        found,
      ]);
    expect(await experimentsOf('', { order_by: ['name DESC'] })).toEqual(
      [...names].sort().reverse(),
    );
    expect(await experimentsOf('', { order_by: ['experiment_id'] })).toEqual(
      names,
    );
  });

  it('says what is wrong with a filter or an order', async () => {
    const { experimentsOf, runsOf } = await start(id);
    for (const [filter, words] of [
      ["name = 'a' OR name = 'b'", "Invalid clause(s) in filter string: 'OR'"],
      ["NOT name = 'a'", "Invalid clause(s) in filter string: 'NOT'"],
      ['name', "Invalid clause(s) in filter string: 'name'"],
      ["foo = 'x'", "Invalid attribute key 'foo' specified."],
      ['metrics.a = 1', "Invalid entity type 'metrics'."],
      ["name > 'a'", "Invalid comparator '>' not one of"],
      ["name IN ('a')", "Only ['experiment_id'] attributes support"],
      ['name IS NULL', 'IS NULL / IS NOT NULL is only supported for tags'],
      ['tags.team = veg', 'Parameter value is either not quoted'],
      ["creation_time > '5'", 'Expected numeric value type for numeric'],
      ['creation_time = 5.5', "Invalid value for numeric attribute 'creat"],
      ["experiment_id LIKE '1'", 'Invalid comparator for experiment_id'],
    ])
      expect([filter, await experimentsOf(filter)]).toEqual([
        filter,
        expect.stringContaining(words),
      ]);
    for (const [order, words] of [
      ['tags.team', 'Invalid order_by entity: tag'],
      ['foo', "Invalid attribute key 'foo'"],
      ['name sideways', "Invalid ordering key in order_by clause 'name side"],
      ['name ASC DESC', "Invalid order_by clause 'name ASC DESC'"],
    ])
      expect(await experimentsOf('', { order_by: [order] })).toContain(words);
    expect(
      await runsOf('', { order_by: ['metrics.acc', 'metrics.acc DESC'] }),
    ).toContain('`order_by` contains duplicate fields');
  });

  it('finds runs by what they logged, and puts what is missing last', async () => {
    const { runsOf } = await start(id);
    const byName = { order_by: ['run_name'] };
    for (const [filter, found] of [
      ['metrics.acc > 0.2', '3 6 7'],
      ['metrics.acc != 0.3', '1 2 5 6 7'],
      ['metrics.val.loss = 0', '0 1 3 4 5 6 7'],
      ['metrics.`val.loss` != 0', '2'],
      ["params.word = 'salt and pepper'", '0 3 6'],
      ['params.word = "O\'Neil"', '1 4 7'],
      ['params.lr IS NULL', '0 2 4 6'],
      ["tags.'my tag' LIKE 'v_' AND metrics.acc >= .6", '6 7'],
      ["tags.`my tag` != 'v1'", '2 3 4 6 7'],
      ['"run name" = \'run 3\'', '3'],
      ['created >= 1005', '5 6 7'],
      ["run_id NOT IN ('x')", '0 1 2 3 4 5 6 7'],
      [
        "artifact_uri LIKE '%/artifacts' and status = 'RUNNING'",
        '0 1 2 3 4 5 6 7',
      ],
      ['end_time > 0', ''],
      ["dataset.context = 'training'", '3'],
      ["datasets.name IN ('ds', 'other')", '3'],
      ["dataset.name NOT IN ('ds')", ''],
    ])
      expect([filter, await runsOf(filter, byName)]).toEqual([filter, found]);
    for (const [order, found] of [
      [['metrics.acc', 'run_name'], '1 2 3 6 7 5 0 4'],
      [['metrics.acc DESC', 'run_name'], '7 6 3 2 1 5 0 4'],
      [['params.lr DESC', 'start_time'], '7 5 3 1 0 2 4 6'],
      [['end_time', 'Created DESC'], '7 6 5 4 3 2 1 0'],
    ] as const)
      expect([order, await runsOf('', { order_by: order })]).toEqual([
        order,
        found,
      ]);
  });

  it('gives pages of what a filter finds', async () => {
    const { app } = await start(id);
    const search = async (more: object) =>
      call(app, 'runs/search', {
        experiment_ids: ['1'],
        filter: 'metrics.acc > 0.1',
        max_results: 3,
        ...more,
      });
    const first = await search({});
    const second = await search({ page_token: first.next_page_token });
    expect(
      [first, second].map(page =>
        page.runs.map((run: any) => run.info.run_name),
      ),
    ).toEqual([['run 7', 'run 6', 'run 3'], ['run 2']]);
    expect(second.next_page_token).toBeUndefined();
    expect(await search({ page_token: 'zzz' })).toBe(
      'Invalid page token, could not base64-decode',
    );
  });

  it('takes no long time for a long filter', async () => {
    const { experimentsOf } = await start(id);
    for (const text of [
      "'\\'".repeat(4_000),
      '`'.repeat(7_999),
      '('.repeat(7_999),
    ])
      expect(
        typeof (await experimentsOf(`name = ${text}`.slice(0, 8_000))),
      ).toBe('string');
    expect(
      await experimentsOf(
        Array.from({ length: 400 }, () => "name LIKE 'p%'").join(' AND '),
        { order_by: ['name'] },
      ),
    ).toEqual(['pear%x', 'pear_y']);
  });
});
