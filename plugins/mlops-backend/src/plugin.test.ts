import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import { mlopsPermissions } from '@backstage-mlops/mlops-core';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import Ajv from 'ajv';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import request from 'supertest';
import { pluginConnections } from './__testUtils__/pluginConnections';
import plugin from './index';
import { openApiDocument } from './http/openApi/document';
import { toOpenApiPath } from './http/openApi/queryNames';
import { createRoutes } from './http/routes';

const project = (name: string) => `apiVersion: backstage-mlops/v1alpha1
kind: MLProject
metadata: { name: ${name}, title: A project }
spec:
  owner: group:default/team
  lifecycle: experimental
  problem: { decides: x, forWhom: x, whyMachineLearning: x, costOfWrongAnswer: x }
  baseline: { rule: x, metric: accuracy }
`;
const hello = `apiVersion: argoproj.io/v1alpha1
kind: WorkflowTemplate
metadata: { name: hello }
spec:
  entrypoint: main
  arguments:
    parameters:
      - { name: who, value: world, description: Whom to greet }
      - { name: repo, value: '' }
      - { name: revision, value: main }
      - { name: path, value: . }
  templates:
    - name: main
      dag:
        tasks:
          - { name: one, template: say, arguments: { parameters: [{ name: text, value: 'hello {{workflow.parameters.who}}' }] } }
          - { name: two, template: fail-or-not, dependencies: [one] }
    - name: say
      inputs: { parameters: [{ name: text }] }
      outputs:
        artifacts: [{ name: greeting, path: /tmp/out }]
      script: { image: tools, command: [sh], source: 'echo {{inputs.parameters.text}}; mkdir /tmp/out; echo hi > /tmp/out/a.txt' }
    - name: fail-or-not
      inputs: { artifacts: [{ name: source, path: /srv/project, git: { repo: '{{workflow.parameters.repo}}', revision: '{{workflow.parameters.revision}}' } }] }
      script: { image: tools, command: [sh], workingDir: '/srv/project/{{workflow.parameters.path}}', source: 'sh src/step.sh' }
`;

const person = `apiVersion: argoproj.io/v1alpha1
kind: WorkflowTemplate
metadata: { name: person }
spec:
  entrypoint: main
  arguments: { parameters: [{ name: good, value: 'no', enum: ['no', 'yes'] }] }
  templates:
    - name: main
      steps:
        - [{ name: look, template: look }]
        - [{ name: decide, template: decide }]
        - [{ name: check, template: check, arguments: { parameters: [{ name: said, value: '{{steps.decide.outputs.parameters.answer}}' }], artifacts: [{ name: seen, from: '{{steps.look.outputs.artifacts.seen}}' }] } }]
    - name: look
      memoize: { key: 'look-{{workflow.parameters.good}}', maxAge: 1h, cache: { configMap: { name: looks } } }
      outputs: { artifacts: [{ name: seen, path: /tmp/seen }] }
      script: { image: tools, command: [sh], source: 'echo looked; echo apple > /tmp/seen' }
    - name: decide
      inputs: { parameters: [{ name: answer, value: 'yes', enum: ['yes', 'no'] }] }
      outputs: { parameters: [{ name: answer, valueFrom: { supplied: {} } }] }
      suspend: {}
    - name: check
      inputs: { parameters: [{ name: said }], artifacts: [{ name: seen, path: /tmp/seen }] }
      script: { image: tools, command: [sh], source: 'cat /tmp/seen; echo {{inputs.parameters.said}}; test {{workflow.parameters.good}} = yes' }
`;

let folder: string;
let databaseClient: string;
let server: any;
let stop: () => Promise<void>;
const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], {
    cwd: path.join(folder, 'clone'),
    encoding: 'utf8',
    stdio: 'pipe',
  }).trim();
const write = (name: string, text: string) => {
  const file = path.join(folder, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
};

async function start(rights?: Record<string, string[]>) {
  const connections = pluginConnections();
  const backend = await startTestBackend({
    features: [
      plugin,
      connections.module,
      mockServices.rootConfig.factory({
        data: {
          backend: {
            database:
              databaseClient === 'pg'
                ? {
                    client: 'pg',
                    connection:
                      process.env
                        .BACKSTAGE_TEST_DATABASE_POSTGRES17_CONNECTION_STRING!,
                    prefix: `test_${process.pid}_`,
                  }
                : {
                    client: databaseClient,
                    connection: { directory: path.join(folder, 'db') },
                  },
          },
          mlops: {
            dataDirectory: path.join(folder, 'data'),
            gitops: { seed: { from: path.join(folder, 'checkout') } },
            local: { environments: [{ images: ['tools'] }] },
          },
        },
      }),
      mockServices.database.factory(),
      mockServices.permissions.mock({
        authorizeConditional: async (requests, options) =>
          requests.map(({ permission }) => {
            const user = (options?.credentials?.principal as any)
              ?.userEntityRef;
            const allowed = !rights || rights[user]?.includes(permission.name);
            return {
              result: allowed ? AuthorizeResult.ALLOW : AuthorizeResult.DENY,
            };
          }) as never,
      }).factory,
    ],
  });
  server = backend.server;
  stop = async () => {
    await backend.stop();
    await connections.close();
  };
}

const get = (route: string) => request(server).get(`/api/mlops/${route}`);
const submit = (body: object, headers: Record<string, string> = {}) =>
  request(server).post('/api/mlops/runs').set(headers).send(body);
async function end(id: string) {
  for (let i = 0; i < 1200; i++) {
    const { body } = await get(`runs/${id}`);
    if (['Succeeded', 'Failed', 'Error'].includes(body.phase)) return body;
    await new Promise(resolve => setTimeout(resolve, 50));
  }
  throw new Error('the run does not end');
}
jest.setTimeout(90_000);

const ajv = new Ajv({ strict: false, validateFormats: false });
ajv.addSchema(openApiDocument, 'api');
const holds = (name: string, body: unknown) => {
  const ok = ajv.validate({ $ref: `api#/components/schemas/${name}` }, body);
  expect({ name, errors: ok ? [] : ajv.errors }).toEqual({ name, errors: [] });
};

describe.each(['better-sqlite3', 'pg'])('the backend on %s', client => {
  beforeAll(async () => {
    databaseClient = client;
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mlops-backend-'));
    write('checkout/ml-projects/one/mlproject.yaml', project('one'));
    write('checkout/ml-projects/one/pipelines/hello.yaml', hello);
    write('checkout/ml-projects/one/pipelines/person.yaml', person);
    write('checkout/ml-projects/one/src/step.sh', 'echo fine');
    write(
      'checkout/ml-projects/bad/mlproject.yaml',
      project('bad').replace('lifecycle', 'lifecycel'),
    );
    await start();
  }, 60_000);
  afterAll(async () => {
    await stop();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  it('lists projects with their faults, answers in the shapes of its OpenAPI document', async () => {
    const { body } = await get('projects');
    expect(body.items.map((item: any) => [item.name, item.state])).toEqual([
      ['bad', 'faulty'],
      ['one', 'ok'],
    ]);
    holds('ProjectPage', body);
    holds('ProjectDetail', (await get('projects/one')).body);
    const pipeline = (await get('pipelines/one/hello')).body;
    holds('Pipeline', pipeline);
    expect(pipeline.parameters).toEqual([
      {
        name: 'who',
        value: 'world',
        description: 'Whom to greet',
        required: false,
      },
    ]);
    expect(pipeline.graph.edges).toEqual([
      { from: 'main.one', to: 'main.two' },
    ]);
    holds('Refs', (await get('refs')).body);
    holds('Catalog', (await get('catalog')).body);
    holds('Health', (await get('health')).body);
  });

  it('gives the files of a project as a commit has them, and nothing beside its folder', async () => {
    const files = (await get('projects/one/files')).body;
    holds('ProjectFileList', files);
    expect(files.items.map((item: any) => item.path)).toEqual([
      'ml-projects/one/mlproject.yaml',
      'ml-projects/one/pipelines/hello.yaml',
      'ml-projects/one/pipelines/person.yaml',
      'ml-projects/one/src/step.sh',
    ]);
    const file = await get(
      `projects/one/files/ml-projects/one/src/step.sh?ref=${files.commit}`,
    );
    holds('ProjectFileText', file.body);
    expect(file.body.text).toBe('echo fine');
    for (const [where, status, words] of [
      ['ml-projects/bad/mlproject.yaml', 400, 'must be below'],
      ['ml-projects/one/..%2f..%2fx', 400, "may not have a part '..'"],
      ['ml-projects/one/none.txt', 404, 'There is no file'],
      ['ml-projects/one/src', 404, 'There is no file'],
    ] as const) {
      const refused = await get(`projects/one/files/${where}`);
      expect(refused.status).toBe(status);
      expect(refused.body.error.message).toContain(words);
    }
  });

  it('runs a pipeline by HTTP: logs, artifacts, provenance', async () => {
    const submitted = await submit({
      project: 'one',
      pipeline: 'hello',
      parameters: { who: 'Jo' },
    });
    expect(submitted.status).toBe(201);
    holds('Run', submitted.body);
    const run = await end(submitted.body.id);
    holds('Run', run);
    expect(run).toMatchObject({
      phase: 'Succeeded',
      trigger: { kind: 'person', by: 'user:default/mock' },
      parameters: [{ name: 'who', value: 'Jo' }],
    });
    const one: any = Object.values(run.nodes).find(
      (node: any) => node.displayName === 'one',
    );
    expect((await get(`runs/${run.id}/nodes/${one.id}/log`)).text).toBe(
      'hello Jo\n',
    );
    const events = await get(`runs/${run.id}/nodes/${one.id}/log?follow=true`);
    expect(events.text).toContain('data: "hello Jo\\n"');
    expect(events.text).toContain('event: end');
    const unclear = await get(
      `runs/${run.id}/nodes/${one.id}/log?follow=maybe`,
    );
    expect(unclear.status).toBe(400);
    expect(unclear.body.error.message).toBe(
      'follow must be true or false, not "maybe".',
    );
    const listing = await get(
      `runs/${run.id}/nodes/${one.id}/artifacts/greeting`,
    );
    holds('Listing', listing.body);
    expect(listing.body.entries).toEqual([{ path: 'a.txt', sizeBytes: 3 }]);
    const file = await get(
      `runs/${run.id}/nodes/${one.id}/artifacts/greeting/a.txt`,
    );
    expect(file.text).toBe('hi\n');
    expect(file.headers['content-security-policy']).toContain('sandbox');
    holds('RunPage', (await get('runs?project=one')).body);
    holds('Metrics', (await get(`runs/${run.id}/metrics`)).body);
    const costs = (await get(`runs/${run.id}/costs`)).body;
    holds('RunCosts', costs);
    expect(costs.items.map((item: any) => item.displayName)).toEqual([
      'one',
      'two',
    ]);
    expect(costs.total.wallSeconds).toBeCloseTo(
      costs.items[0].wallSeconds + costs.items[1].wallSeconds,
      5,
    );
  }, 60_000);

  it('pins the commit: a broken commit fails with the error of its step, the one before stays green', async () => {
    execFileSync('git', [
      'clone',
      '--quiet',
      path.join(folder, 'data/gitops.git'),
      path.join(folder, 'clone'),
    ]);
    const good = git('rev-parse', 'HEAD');
    fs.writeFileSync(
      path.join(folder, 'clone/ml-projects/one/src/step.sh'),
      'echo "ValueError: no data" >&2; exit 3',
    );
    git('commit', '-qam', 'break');
    git('push', '-q', 'origin', 'HEAD');
    const broken = await end(
      (
        await submit({ project: 'one', pipeline: 'hello' })
      ).body.id,
    );
    expect(broken).toMatchObject({
      phase: 'Failed',
      commit: git('rev-parse', 'HEAD'),
      cause: { node: 'two', message: 'exit code 3: ValueError: no data' },
    });
    expect(
      await end(
        (
          await submit({ project: 'one', pipeline: 'hello', ref: good })
        ).body.id,
      ),
    ).toMatchObject({ phase: 'Succeeded', commit: good });
  }, 60_000);

  it('stops a run with its steps, once', async () => {
    fs.writeFileSync(
      path.join(folder, 'clone/ml-projects/one/src/step.sh'),
      'sleep 600',
    );
    git('commit', '-qam', 'sleep');
    git('push', '-q', 'origin', 'HEAD');
    const { id } = (await submit({ project: 'one', pipeline: 'hello' })).body;
    for (
      let i = 0;
      i < 200 &&
      !Object.values((await get(`runs/${id}`)).body.nodes).some(
        (node: any) => node.displayName === 'two' && node.phase === 'Running',
      );
      i++
    )
      await new Promise(resolve => setTimeout(resolve, 50));
    expect(
      (await request(server).post(`/api/mlops/runs/${id}/stop`)).status,
    ).toBe(200);
    expect(await end(id)).toMatchObject({
      phase: 'Failed',
      message: "Stopped with strategy 'Stop'",
    });
    // Lists say so, too: a stop is no failure to its reader.
    const { items } = (await get('projects')).body;
    expect(items.find(({ name }: any) => name === 'one').lastRun).toMatchObject(
      {
        id,
        phase: 'Failed',
        message: "Stopped with strategy 'Stop'",
      },
    );
    expect(
      (await request(server).post(`/api/mlops/runs/${id}/stop`)).status,
    ).toBe(409);
  }, 60_000);

  it('refuses what a step of this machine cannot have before the run, with the place in the file', async () => {
    const odd = (name: string, from: string, to: string) =>
      fs.writeFileSync(
        path.join(folder, `clone/ml-projects/one/pipelines/${name}.yaml`),
        hello.replace('name: hello', `name: ${name}`).replace(from, to),
      );
    git('checkout', '-q', '-b', 'odd');
    odd('image', 'image: tools', 'image: strange');
    odd('repository', "'{{workflow.parameters.repo}}'", 'https://x.org/y.git');
    git('add', '.');
    git('commit', '-qm', 'odd');
    git('push', '-q', 'origin', 'odd');
    git('checkout', '-q', '-');
    const refusalOf = async (pipeline: string) => {
      const answer = await submit({ project: 'one', pipeline, ref: 'odd' });
      expect(answer.status).toBe(400);
      return answer.body.error.message;
    };
    expect(await refusalOf('image')).toBe(
      "ml-projects/one/pipelines/image.yaml:22:17: spec.templates[1].script.image: the image 'strange' is not mapped to an environment of this machine: add it to mlops.local.environments",
    );
    expect(await refusalOf('repository')).toMatch(
      /^ml-projects\/one\/pipelines\/repository\.yaml:24:\d+: spec\.templates\[2\]\.inputs\.artifacts\[0\]\.git\.repo: 'https:\/\/x\.org\/y\.git' is not the GitOps repository/,
    );
  });

  it('refuses what cannot be, naming field and value', async () => {
    const cases: [object, number, RegExp][] = [
      [{ project: 'one' }, 400, /pipeline must be/],
      [
        { project: 'one', pipeline: 'hello', surprise: 1 },
        400,
        /'surprise' is not a field/,
      ],
      [
        { project: 'one', pipeline: 'hello', parameters: { whom: 'x' } },
        400,
        /no parameter 'whom'. Did you mean 'who'/,
      ],
      [
        { project: 'one', pipeline: 'hello', parameters: { repo: '/etc' } },
        400,
        /set by the portal/,
      ],
      [
        { project: 'one', pipeline: 'hello', ref: '--upload-pack=x' },
        400,
        /ref '--upload-pack=x'/,
      ],
      [{ project: 'nobody', pipeline: 'hello' }, 404, /no project 'nobody'/],
      [{ project: '../..', pipeline: 'hello' }, 404, /no project/],
      [{ project: 'one', pipeline: 'nothing' }, 404, /no pipeline 'nothing'/],
    ];
    for (const [body, status, message] of cases) {
      const answer = await submit(body);
      expect([answer.status, answer.body.error.message]).toEqual([
        status,
        expect.stringMatching(message),
      ]);
      holds('Error', answer.body);
    }
    const unknown = await request(server).delete('/api/mlops/runs/1');
    expect([unknown.status, unknown.body.error.message]).toEqual([
      404,
      'There is no route DELETE /runs/1.',
    ]);
    holds('Error', unknown.body);
    const badEscape = await get('projects/%ff');
    expect([badEscape.status, badEscape.body.error.name]).toEqual([
      400,
      'InputError',
    ]);
    expect((await get('runs?limit=9999')).body.error.message).toMatch(
      /limit must be a whole number between 1 and 200, not "9999"/,
    );
    expect((await get('runs?phase=Lost')).status).toBe(400);
    expect(
      (await submit({ project: 'x'.repeat(300_000), pipeline: 'y' })).status,
    ).toBe(413);
  });

  it('gives the same run for the same key, and refuses the key for another request', async () => {
    const first = await submit(
      { project: 'one', pipeline: 'hello', ref: 'main' },
      { 'Idempotency-Key': 'k1' },
    );
    const again = await submit(
      { project: 'one', pipeline: 'hello', ref: 'main' },
      { 'Idempotency-Key': 'k1' },
    );
    expect(again.body.id).toBe(first.body.id);
    expect(
      (
        await submit(
          { project: 'one', pipeline: 'hello' },
          { 'Idempotency-Key': 'k1' },
        )
      ).status,
    ).toBe(409);
    const atOnce = await Promise.all(
      [1, 2, 3].map(() =>
        submit(
          { project: 'one', pipeline: 'hello' },
          { 'Idempotency-Key': 'k2' },
        ),
      ),
    );
    expect(atOnce.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(new Set(atOnce.map(({ body }) => body.id)).size).toBe(1);
    for (const { id } of [first.body, atOnce[0].body]) {
      await request(server).post(`/api/mlops/runs/${id}/stop`);
      await end(id);
    }
  }, 120_000);

  it('answers an MLflow client only with a token or a right', async () => {
    const none = await request(server)
      .get('/api/mlops/api/2.0/mlflow/experiments/get?experiment_id=1')
      .set('authorization', mockCredentials.none.header());
    expect(none.status).toBe(401);
    const later = await request(server)
      .get('/api/mlops/api/3.0/mlflow/server-info')
      .set('authorization', mockCredentials.none.header());
    expect([later.status, later.body.error_code]).toEqual([
      404,
      'ENDPOINT_NOT_FOUND',
    ]);
    expect(
      (await get('api/2.0/mlflow/experiments/get-by-name?experiment_name=one'))
        .body.experiment.name,
    ).toBe('one');
  });

  const post = (route: string, body: object = {}) =>
    request(server).post(`/api/mlops/${route}`).send(body);
  const nodeOf = (run: any, name: string): any =>
    Object.values<any>(run.nodes).find(item => item.displayName === name);
  const waitFor = async (id: string, is: (run: any) => boolean) => {
    for (let i = 0; i < 1200; i++) {
      const { body } = await get(`runs/${id}`);
      if (is(body)) return body;
      await new Promise(resolve => setTimeout(resolve, 50));
    }
    throw new Error('it does not happen');
  };
  const logOf = async (run: any, name: string) =>
    (await get(`runs/${run.id}/nodes/${nodeOf(run, name).id}/log`)).text;

  it('waits for a person, fails, and goes on from there', async () => {
    const { id } = (await submit({ project: 'one', pipeline: 'person' })).body;
    const waits = await waitFor(
      id,
      run => nodeOf(run, 'decide')?.phase === 'Running',
    );
    holds('Run', waits);
    const { id: decide } = nodeOf(waits, 'decide');
    for (const [body, message] of [
      [{ node: 'nothing' }, /no node 'nothing'/],
      [{ node: decide, parameters: { answer: 'maybe' } }, /one of yes, no/],
      [{ node: decide, parameters: { other: 'yes' } }, /no output 'other'/],
      [{ node: 3 }, /node must be/],
    ] as const) {
      const answer = await post(`runs/${id}/resume`, body);
      expect([answer.status, answer.body.error.message]).toEqual([
        400,
        expect.stringMatching(message),
      ]);
    }
    expect(
      (
        await post(`runs/${id}/resume`, {
          node: decide,
          parameters: { answer: 'no' },
        })
      ).status,
    ).toBe(200);
    const failed = await end(id);
    expect(failed.phase).toBe('Failed');
    expect(await logOf(failed, 'check')).toBe('apple\nno\n');

    const plan = (await post(`runs/${id}/retry-plan`)).body;
    holds('RetryPreview', plan);
    expect(plan.again.map((item: any) => item.displayName)).toEqual(['check']);
    expect(plan.kept.map((item: any) => item.displayName).sort()).toEqual([
      'decide',
      'look',
    ]);
    expect(
      (await post(`runs/${id}/retry`, { parameters: { god: 'yes' } })).body
        .error.message,
    ).toMatch(/parameters.god is no parameter/);
    expect(
      (await post(`runs/${id}/retry`, { parameters: { good: 'perhaps' } })).body
        .error.message,
    ).toMatch(/'good' cannot be 'perhaps': choose one of no, yes/);
    expect(
      (await post(`runs/${id}/retry`, { parameters: { good: 'yes' } })).status,
    ).toBe(200);
    const again = await end(id);
    expect(again).toMatchObject({
      phase: 'Succeeded',
      parameters: [{ name: 'good', value: 'yes' }],
    });
    expect((await post(`runs/${id}/retry`)).body.error.message).toMatch(
      /the run succeeded/,
    );
    expect((await post(`runs/${id}/suspend`)).status).toBe(409);
  }, 60_000);

  it('takes what an earlier run gave: caches, single steps, steps that are kept', async () => {
    const first = (
      await submit({
        project: 'one',
        pipeline: 'person',
        parameters: { good: 'yes' },
      })
    ).body;
    await waitFor(first.id, run => nodeOf(run, 'decide')?.phase === 'Running');
    await post(`runs/${first.id}/resume`);
    const done = await end(first.id);
    expect(done.phase).toBe('Succeeded');

    const second = (await post(`runs/${first.id}/resubmit`)).body;
    expect(second).toMatchObject({
      commit: done.commit,
      parameters: done.parameters,
      origin: { kind: 'resubmit', run: first.id },
    });
    const cached = await waitFor(
      second.id,
      run => nodeOf(run, 'decide')?.phase === 'Running',
    );
    expect(nodeOf(cached, 'look')).toMatchObject({
      phase: 'Succeeded',
      memoizationStatus: { hit: true, fromRun: first.id },
    });
    await post(`runs/${second.id}/terminate`);
    expect(await end(second.id)).toMatchObject({
      message: "Stopped with strategy 'Terminate'",
    });
    const caches = (await get('projects/one/caches')).body;
    holds('CachePage', caches);
    const entry = caches.items.find((item: any) => item.key === 'look-yes');
    expect(entry.filledBy.run).toBe(first.id);
    expect(entry.usedBy).toEqual([{ run: second.id }]);
    expect(
      (
        await post('projects/one/caches/forget', {
          cacheName: 'looks',
          key: 'look-yes',
        })
      ).body,
    ).toEqual({ done: true });

    const alone = await end(
      (
        await submit({
          project: 'one',
          pipeline: 'person',
          parameters: { good: 'yes' },
          entrypoint: 'check',
          reuse: { run: first.id, nodes: [nodeOf(done, 'check').id] },
        })
      ).body.id,
    );
    expect(alone).toMatchObject({
      phase: 'Succeeded',
      origin: { kind: 'reuse', run: first.id },
    });
    expect(await logOf(alone, 'check')).toBe('apple\nyes\n');
    expect(alone.allowed).toEqual({ create: true, control: true });
    const again = await end((await post(`runs/${alone.id}/resubmit`)).body.id);
    expect(again).toMatchObject({
      phase: 'Succeeded',
      origin: { kind: 'resubmit', run: alone.id },
      basis: {
        entrypoint: 'check',
        reuse: { run: first.id },
        inputs: [
          {
            node: 'check',
            artifact: 'seen',
            digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
          },
        ],
      },
    });
    expect(again.basis).toEqual(alone.basis);
    expect(await logOf(again, 'check')).toBe('apple\nyes\n');

    const kept = await end(
      (
        await submit({
          project: 'one',
          pipeline: 'person',
          parameters: { good: 'yes' },
          reuse: {
            run: first.id,
            nodes: [nodeOf(done, 'look').id, nodeOf(done, 'decide').id],
          },
        })
      ).body.id,
    );
    expect(kept.phase).toBe('Succeeded');
    expect(await logOf(kept, 'check')).toBe('apple\nyes\n');
    expect(await logOf(kept, 'look')).toBe('');
    expect(
      (
        await submit({
          project: 'one',
          pipeline: 'hello',
          reuse: { run: first.id, nodes: [] },
        })
      ).body.error.message,
    ).toMatch(/is a run of one\/person/);
  }, 60_000);

  it('suspends a run: what waits may go on, nothing new begins', async () => {
    const { id } = (await submit({ project: 'one', pipeline: 'person' })).body;
    const waits = await waitFor(
      id,
      run => nodeOf(run, 'decide')?.phase === 'Running',
    );
    expect((await post(`runs/${id}/suspend`)).status).toBe(200);
    await waitFor(id, run => run.suspended === true);
    expect((await post(`runs/${id}/suspend`)).status).toBe(409);
    await post(`runs/${id}/resume`, { node: nodeOf(waits, 'decide').id });
    await waitFor(id, run => nodeOf(run, 'decide').phase === 'Succeeded');
    await new Promise(resolve => setTimeout(resolve, 300));
    const still = (await get(`runs/${id}`)).body;
    expect([still.phase, still.suspended, nodeOf(still, 'check')]).toEqual([
      'Running',
      true,
      undefined,
    ]);
    await post(`runs/${id}/resume`);
    expect((await end(id)).cause).toMatchObject({ node: 'check' });
    const rejected = (await submit({ project: 'one', pipeline: 'person' }))
      .body;
    await waitFor(
      rejected.id,
      run => nodeOf(run, 'decide')?.phase === 'Running',
    );
    await post(`runs/${rejected.id}/resume`, { reject: true });
    expect(await end(rejected.id)).toMatchObject({
      phase: 'Failed',
      cause: { node: 'decide', message: 'rejected' },
    });
  }, 60_000);

  it('says on its nodes when the portal was shut down, and nothing of the run is left', async () => {
    const { id } = (await submit({ project: 'one', pipeline: 'hello' })).body;
    for (
      let i = 0;
      i < 200 &&
      !Object.values((await get(`runs/${id}`)).body.nodes).some(
        (node: any) => node.displayName === 'two' && node.phase === 'Running',
      );
      i++
    )
      await new Promise(resolve => setTimeout(resolve, 50));
    await stop();
    await start();
    const run = (await get(`runs/${id}`)).body;
    expect(run.phase).toBe('Failed');
    expect(
      Object.values<any>(run.nodes).find(node => node.displayName === 'two')
        .message,
    ).toBe('portal was shut down');
  }, 60_000);

  describe('every route', () => {
    const routes = createRoutes({} as never);

    it('is in the OpenAPI document, and the other way round', () => {
      const mounted = routes
        .map(route => `${route.method} ${toOpenApiPath(route.path)}`)
        .sort();
      const described = Object.entries<any>(openApiDocument.paths)
        .flatMap(([route, methods]) =>
          Object.keys(methods).map(method => `${method} ${route}`),
        )
        .sort();
      expect(mounted).toEqual(described);
    });

    const asked = async (method: string, where: string) => {
      const { status, body } = await (request(server) as any)
        [method](`/api/mlops${where}`)
        .send(method === 'get' ? undefined : {});
      return { status, message: body?.error?.message ?? '' };
    };

    it('takes the parameters that are described, and refuses others and wrong values by name', async () => {
      const { id } = (await submit({ project: 'one', pipeline: 'hello' })).body;
      const podOf = (run: any) =>
        Object.values<any>(run.nodes).find(item => item.type === 'Pod');
      const node = podOf(await waitFor(id, podOf));
      const names: Record<string, string> = {
        id,
        node: node.id,
        project: 'one',
        pipeline: 'hello',
      };
      const wrong: Record<string, string> = { string: 'x', integer: '-1' };
      for (const { method, path: where } of routes) {
        const at = where
          .replace(/:(\w+)/g, (_, name) => names[name] ?? 'one')
          .replace('*', 'x');
        const described: any[] = (openApiDocument.paths as any)[
          toOpenApiPath(where)
        ][method].parameters?.filter(
          (parameter: any) => parameter.in === 'query',
        );
        const known = (described ?? []).map(({ name }) => name);
        const of = known.includes('project') ? 'project=one&' : '';
        const ask = (query: string) => asked(method, `${at}?${of}${query}`);
        // A change or a model that is not there is said before what its query says.
        const missing = await ask('');
        if (missing.status === 404 && /There is nothing/.test(missing.message))
          continue;
        for (const name of ['phse', 'toString', 'a%5Bb%5D'])
          expect([at, name, await ask(`${name}=Failed`)]).toEqual([
            at,
            name,
            {
              status: 400,
              message: `'${name.replace(
                /%5B.*/,
                '',
              )}' is not a parameter of this request. ${
                known.length ? `Known: ${known.join(', ')}` : 'It takes none'
              }.`,
            },
          ]);
        for (const { name, schema } of described ?? []) {
          if (!schema.enum && schema.type === 'string') continue;
          const answer = await ask(`${name}=${wrong[schema.type] ?? 'maybe'}`);
          expect([at, name, answer.status]).toEqual([at, name, 400]);
          expect(answer.message).toMatch(new RegExp(`^${name} must be `));
          if (schema.maximum === undefined) continue;
          expect((await ask(`${name}=${schema.maximum + 1}`)).status).toBe(400);
          expect((await ask(`${name}=${schema.minimum}`)).status).not.toBe(400);
        }
      }
    }, 60_000);

    // Which rights each caller has; what follows for every route is written out below.
    const rights: Record<string, string[]> = {
      'user:default/stranger': [],
      'user:default/guest': [
        'mlops.project.read',
        'mlops.run.read',
        'mlops.model.read',
      ],
      'user:default/owner': Object.values(mlopsPermissions).map(
        permission => permission.name,
      ),
    };
    const answer = async (route: (typeof routes)[number], header: string) => {
      const { status, body } = await (request(server) as any)
        [route.method](
          `/api/mlops${route.path.replace(/:\w+/g, 'one').replace('*', 'x')}`,
        )
        .set('authorization', header)
        .send(route.method === 'get' ? undefined : {});
      return { status, message: body?.error?.message };
    };
    const expected = (
      route: (typeof routes)[number],
      caller: string,
    ): 'answers' | 'hidden' | 'refused' => {
      const has = (name: keyof typeof mlopsPermissions) =>
        rights[caller].includes(mlopsPermissions[name].name);
      if (route.permission === 'public') return 'answers';
      if (!has('projectRead')) return 'hidden';
      if (has(route.permission)) return 'answers';
      // What is said of a change may be known to who may read changes.
      const { resourceType } = mlopsPermissions[route.permission] as {
        resourceType?: string;
      };
      if (resourceType === 'mlops-change' && !has('changeRead'))
        return 'hidden';
      return route.method === 'get' ? 'hidden' : 'refused';
    };

    it('is closed without a token', async () => {
      for (const route of routes)
        expect([
          route.path,
          (await answer(route, mockCredentials.none.header())).status,
        ]).toEqual([route.path, route.permission === 'public' ? 200 : 401]);
    });

    it('is open to a stranger, a guest and an owner as their rights say', async () => {
      await stop();
      await start(rights);
      for (const route of routes)
        for (const caller of Object.keys(rights)) {
          const { status, message } = await answer(
            route,
            mockCredentials.user.header(caller),
          );
          const seen =
            status === 404 && message === 'There is nothing here.'
              ? 'hidden'
              : status === 403
              ? 'refused'
              : 'answers';
          expect([caller, route.method, route.path, seen]).toEqual([
            caller,
            route.method,
            route.path,
            expected(route, caller),
          ]);
          expect([401, 500]).not.toContain(status);
        }
    }, 120_000);
  });
});
