/* A policy under which people see the projects of their team alone: what is hidden cannot be told from what was never there. */
import assert from 'node:assert/strict';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import {
  CHANGE_RESOURCE_TYPE,
  PROJECT_RESOURCE_TYPE,
} from '@backstage-mlops/mlops-core';
import {
  changeConditions,
  createChangeDecision,
  createProjectDecision,
  projectConditions,
} from '@backstage-mlops/plugin-mlops-node';
import {
  AuthorizeResult,
  isResourcePermission,
  type Permission,
  type PolicyDecision,
} from '@backstage/plugin-permission-common';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import request from 'supertest';
import plugin from '../index';
import { projectFile, templateFile } from '../__testUtils__/startPortal';

/** What a policy decides for somebody whose team has their own name. */
function decide(permission: Permission, person: string): PolicyDecision {
  const claims = [person, `group:default/${person.split('/')[1]}`];
  if (isResourcePermission(permission, PROJECT_RESOURCE_TYPE))
    return createProjectDecision(
      permission,
      projectConditions.isProjectOwner({ claims }),
    );
  if (isResourcePermission(permission, CHANGE_RESOURCE_TYPE))
    return createChangeDecision(
      permission,
      changeConditions.isProjectOwner({ claims }),
    );
  return { result: AuthorizeResult.DENY };
}

const quick = templateFile(
  'quick',
  "entrypoint: main\ntemplates:\n  - name: main\n    script: { image: tools, command: [sh], source: 'echo ran' }",
);
const ofTeam = (name: string, team: string) => ({
  [`ml-projects/${name}/mlproject.yaml`]: projectFile(name).replace(
    'group:default/team',
    `group:default/${team}`,
  ),
  [`ml-projects/${name}/pipelines/quick.yaml`]: quick,
});

describe('a portal whose policy has conditions', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mlops-rights-'));
  let backend: Awaited<ReturnType<typeof startTestBackend>>;
  const runs: Record<string, { id: string; trackingRunId: string }> = {};
  const changes: Record<string, string> = {};

  const call = (person: string, method: 'get' | 'post', route: string) =>
    request(backend.server)
      [method](`/api/mlops/${route}`)
      .set(
        'authorization',
        mockCredentials.user.header(`user:default/${person}`),
      );
  const get = (person: string, route: string) => call(person, 'get', route);
  const post = (person: string, route: string, body: object = {}) =>
    call(person, 'post', route).send(body);
  const mustBeMade = (answer: { status: number; body: any }) =>
    assert.deepEqual([answer.status, answer.body.error], [201, undefined]);

  beforeAll(async () => {
    const files = { ...ofTeam('apples', 'ann'), ...ofTeam('berries', 'bob') };
    for (const [name, text] of Object.entries(files)) {
      const file = path.join(folder, 'checkout', name);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, text);
    }
    backend = await startTestBackend({
      features: [
        plugin,
        // The permission backend takes no calls of a test's users; its answers are those of the policy.
        mockServices.permissions.mock({
          authorizeConditional: async (queries, options) =>
            queries.map(({ permission }) =>
              decide(
                permission,
                (options!.credentials!.principal as any).userEntityRef,
              ),
            ),
        }).factory,
        mockServices.rootConfig.factory({
          data: {
            backend: {
              database: {
                client: 'better-sqlite3',
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
      ],
    });
    for (const [person, project] of [
      ['ann', 'apples'],
      ['bob', 'berries'],
    ]) {
      const run = await post(person, 'runs', { project, pipeline: 'quick' });
      mustBeMade(run);
      runs[project] = run.body;
      const change = await post(person, 'changes', {
        project,
        title: 'More',
        edits: [{ path: `ml-projects/${project}/MORE.md`, content: 'more\n' }],
      });
      mustBeMade(change);
      changes[project] = change.body.id;
    }
  }, 120_000);
  afterAll(async () => {
    await backend?.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it('lists what the conditions let through', async () => {
    const names = async (route: string, key: string) =>
      (await get('ann', route)).body.items.map((item: any) => item[key]);
    expect(await names('projects', 'name')).toEqual(['apples']);
    expect(await names('runs', 'project')).toEqual(['apples']);
    expect(await names('runs?project=berries', 'id')).toEqual([]);
    expect(await names('changes', 'project')).toEqual(['apples']);
    expect(await names('branches', 'branch')).toEqual([]);
    expect(
      (await get('ann', 'catalog')).body.projects.map((item: any) => item.name),
    ).toEqual(['apples']);
    const refs = (await get('ann', 'refs')).body;
    expect(refs.branches.map((item: any) => item.name)).toEqual(['main']);
    expect(refs.commits).toEqual([]);
  });

  it('lets owners do what is theirs', async () => {
    expect((await get('ann', 'projects/apples')).body.allowed).toMatchObject({
      run: true,
      control: true,
    });
    expect((await get('ann', `runs/${runs.apples.id}`)).status).toBe(200);
    expect((await get('ann', `changes/${changes.apples}`)).status).toBe(200);
  });

  it('answers for what is hidden in the words for what is missing', async () => {
    const pairs: ['get' | 'post', string, string, object?][] = [
      ['get', 'projects/berries', 'projects/none'],
      ['get', 'pipelines/berries/quick', 'pipelines/none/quick'],
      ['get', 'models/berries/m', 'models/none/m'],
      ['get', 'datasets/berries/d', 'datasets/none/d'],
      ['get', 'projects/berries/storage', 'projects/none/storage'],
      ['get', `runs/${runs.berries.id}`, 'runs/none'],
      ['get', `runs/${runs.berries.id}/metrics`, 'runs/none/metrics'],
      ['post', `runs/${runs.berries.id}/stop`, 'runs/none/stop'],
      ['get', `changes/${changes.berries}`, 'changes/999'],
      ['post', `changes/${changes.berries}/merge`, 'changes/999/merge'],
    ];
    for (const [method, hidden, missing] of pairs) {
      const [one, other] = await Promise.all([
        call('ann', method, hidden),
        call('ann', method, missing),
      ]);
      expect([hidden, one.status, one.body]).toEqual([hidden, 404, other.body]);
    }
    const run = (project: string) =>
      post('ann', 'runs', { project, pipeline: 'quick' });
    expect((await run('berries')).body).toEqual((await run('none')).body);
  });

  it('keeps the records of other projects from the MLflow protocol', async () => {
    const search = await post('ann', 'api/2.0/mlflow/experiments/search', {
      max_results: 100,
    });
    expect(search.body.experiments.map((item: any) => item.name)).toEqual([
      'apples',
    ]);
    const byName = (name: string) =>
      get(
        'ann',
        `api/2.0/mlflow/experiments/get-by-name?experiment_name=${name}`,
      );
    expect((await byName('apples')).status).toBe(200);
    expect((await byName('berries')).body.message).toBe(
      "Could not find experiment with name 'berries'",
    );
    const ofRun = (id: string) =>
      get('ann', `api/2.0/mlflow/runs/get?run_id=${id}`);
    expect((await ofRun(runs.apples.trackingRunId)).status).toBe(200);
    const hidden = await ofRun(runs.berries.trackingRunId);
    expect([hidden.status, hidden.body.message]).toEqual([
      404,
      `Run with id=${runs.berries.trackingRunId} not found`,
    ]);
    expect(
      (
        await post('ann', 'api/2.0/mlflow/registered-models/create', {
          name: 'berries.m',
        })
      ).status,
    ).toBe(404);
    expect(
      (
        await post('ann', 'api/2.0/mlflow/experiments/create', {
          name: 'berries',
        })
      ).status,
    ).toBe(403);
  });

  it('lets a policy look its rules and resources up', async () => {
    const { body } = await request(backend.server).get(
      '/api/mlops/.well-known/backstage/permissions/metadata',
    );
    expect(body.rules.map((rule: any) => rule.name)).toEqual(
      expect.arrayContaining([
        'IS_PROJECT_OWNER',
        'IS_NOT_AUTHOR',
        'IS_REVIEWER',
        'HAS_LIFECYCLE',
      ]),
    );
    expect(body.permissions.map((item: any) => item.name)).toContain(
      'mlops.change.merge',
    );
    const applied = await request(backend.server)
      .post('/api/mlops/.well-known/backstage/permissions/apply-conditions')
      .set('authorization', mockCredentials.service.header())
      .send({
        items: ['apples', 'berries', 'none'].map(resourceRef => ({
          id: resourceRef,
          resourceRef,
          resourceType: PROJECT_RESOURCE_TYPE,
          conditions: projectConditions.isProjectOwner({
            claims: ['group:default/ann'],
          }),
        })),
      });
    expect(applied.body.items.map((item: any) => item.result)).toEqual([
      'ALLOW',
      'DENY',
      'DENY',
    ]);
  });
});
