/* A policy under which people see the projects of their team alone: what is hidden cannot be told from what was never there. */
import assert from 'node:assert/strict';
import { createServiceFactory } from '@backstage/backend-plugin-api';
import { actionsRegistryServiceRef } from '@backstage/backend-plugin-api/alpha';
import { actionsRegistryServiceMock } from '@backstage/backend-test-utils/alpha';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { signalsServiceRef } from '@backstage/plugin-signals-node';
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
  [`ml-projects/${name}/models/m.yaml`]: `apiVersion: backstage-mlops/v1alpha1
kind: MLModel
metadata: { name: m }
spec: {}
`,
});

const isEmpty = (message: unknown) => JSON.stringify(message) === '{}';

describe('a portal whose policy has conditions', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mlops-rights-'));
  let backend: Awaited<ReturnType<typeof startTestBackend>>;
  const runs: Record<string, { id: string; trackingRunId: string }> = {};
  const changes: Record<string, string> = {};
  const events: { eventId: string; meta?: any; error?: Error }[] = [];
  const signals: { channel: string; message: unknown }[] = [];
  const actions = actionsRegistryServiceMock();
  let policy = decide;

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
              policy(
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
        catalogServiceMock.factory(),
        createServiceFactory({
          service: actionsRegistryServiceRef,
          deps: {},
          factory: () => actions,
        }),
        mockServices.auditor.mock({
          createEvent: async ({ eventId, meta }) => ({
            success: async more => {
              events.push({ eventId, meta: { ...meta, ...more?.meta } });
            },
            fail: async ({ error, meta: more }) => {
              events.push({ eventId, meta: { ...meta, ...more }, error });
            },
          }),
        }).factory,
        createServiceFactory({
          service: signalsServiceRef,
          deps: {},
          factory: () => ({
            publish: async ({ channel, message }) => {
              signals.push({ channel, message });
            },
          }),
        }),
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

  it('takes a hidden run for a missing one, also as what a run takes over', async () => {
    const reusing = (run: string) =>
      post('ann', 'runs', {
        project: 'apples',
        pipeline: 'quick',
        reuse: { run, nodes: ['main'] },
      });
    const hidden = await reusing(runs.berries.id);
    const missing = await reusing('none');
    expect([hidden.status, missing.status]).toEqual([404, 404]);
    expect(hidden.body.error.message).toBe(
      missing.body.error.message.replace('none', runs.berries.id),
    );
    await expect(
      actions.invoke({
        id: 'test:run-pipeline',
        input: {
          project: 'apples',
          pipeline: 'quick',
          reuse: { run: runs.berries.id, nodes: ['main'] },
        },
        credentials: mockCredentials.user('user:default/ann'),
      }),
    ).rejects.toThrow(`There is no run '${runs.berries.id}'.`);
  });

  it('tells who reads everything and acts on their own what is wrong with a call, before what they may not do', async () => {
    policy = (permission, person) =>
      permission.name === 'mlops.project.read' ||
      permission.name === 'mlops.change.read'
        ? { result: AuthorizeResult.ALLOW }
        : decide(permission, person);
    try {
      const said = async (route: string, body: object) => {
        const answer = await post('ann', route, body);
        return [answer.status, answer.body.error.message];
      };
      for (const route of ['runs', 'changes', 'changes/reverts'])
        for (const [body, shown] of [
          [{}, 'nothing'],
          [{ project: 5 }, '5'],
        ] as const)
          expect(await said(route, body)).toEqual([
            400,
            `project must be a text of 1 to 63 characters, not ${shown}.`,
          ]);
      for (const [route, body] of [
        ['runs', { project: 'cherries', pipeline: 'quick' }],
        ['runs/none/stop', {}],
        ['projects/cherries/retention', {}],
      ] as const)
        expect(await said(route, body)).toEqual([
          404,
          'There is nothing here.',
        ]);
      expect(
        await said('runs', { project: 'berries', pipeline: 'quick' }),
      ).toEqual([403, 'You need the permission mlops.run.create for this.']);
    } finally {
      policy = decide;
    }
  });

  it('tells desired and actual, activity, aliases of what is seen alone', async () => {
    const ofOwn = await get('ann', 'sync');
    expect([
      ...new Set(ofOwn.body.items.map((item: any) => item.project)),
    ]).toEqual(['apples']);
    for (const route of [
      'sync?project=',
      'activity?project=',
      'projects/:/maturity',
      'models/:/m/aliases',
      'models/:/m/promotions/preview?alias=champion&version=1',
    ]) {
      const at = (project: string) =>
        route.includes(':')
          ? route.replace(':', project)
          : `${route}${project}`;
      const hidden = await get('ann', at('berries'));
      const missing = await get('ann', at('none'));
      expect([route, hidden.status, hidden.body]).toEqual([
        route,
        404,
        missing.body,
      ]);
    }
    expect((await get('ann', 'models/apples/m/aliases')).status).toBe(200);
    const kinds = async () =>
      (await get('ann', 'activity?project=apples')).body.items.map(
        (item: any) => item.kind,
      );
    expect(await kinds()).toEqual(
      expect.arrayContaining(['change', 'run', 'commit']),
    );
    const theirs = await post('bob', 'sync', { project: 'apples' });
    expect(theirs.status).toBe(404);
  });

  it('keeps requests that somebody may not see out of what happened', async () => {
    policy = (permission, person) =>
      permission.name === 'mlops.change.read'
        ? createChangeDecision(
            permission as any,
            changeConditions.isAuthor({ user: 'user:default/somebody' }),
          )
        : decide(permission, person);
    try {
      const { body } = await get('ann', 'activity?project=apples');
      expect(body.items.map((item: any) => item.kind)).not.toContain('change');
      const listed = await actions.invoke({
        id: 'test:list-activity',
        input: { project: 'apples' },
        credentials: mockCredentials.user('user:default/ann'),
      });
      expect(JSON.stringify(listed)).not.toContain('"kind":"change"');
    } finally {
      policy = decide;
    }
  });

  it('lets owners merge what is theirs alone, not what all share', async () => {
    const change = (
      await post('ann', 'changes', {
        project: 'apples',
        title: 'For everybody',
        edits: [{ path: 'argo/all.yaml', content: quick }],
      })
    ).body;
    const seen = await get('ann', `changes/${change.id}`);
    expect(seen.body.blockedBy).toEqual(
      expect.arrayContaining([
        expect.stringContaining("'argo/all.yaml', which all projects share"),
      ]),
    );
    const merged = await post('ann', `changes/${change.id}/merge`);
    expect([merged.status, merged.body.error.message]).toEqual([
      409,
      expect.stringContaining('which all projects share'),
    ]);
    await post('ann', `changes/${change.id}/close`);
    expect(
      events.filter(({ eventId }) => eventId === 'change-close').at(-1)?.meta,
    ).toMatchObject({
      change: change.id,
      before: { state: 'open', head: change.head },
      after: { state: 'closed', head: change.head },
    });
  });

  it('writes down who did what by an action, before and after', async () => {
    const credentials = mockCredentials.user('user:default/ann');
    const { output } = (await actions.invoke({
      id: 'test:propose-change',
      input: {
        project: 'apples',
        title: 'By an assistant',
        edits: [{ path: 'ml-projects/apples/A.md', content: 'a\n' }],
      },
      credentials,
    })) as any;
    const last = (eventId: string) =>
      events.filter(event => event.eventId === eventId).at(-1);
    expect(last('action-propose-change')).toMatchObject({
      meta: {
        actor: 'user:default/ann',
        project: 'apples',
        title: 'By an assistant',
        change: output.id,
        after: { state: 'open', head: output.head },
      },
    });
    await actions.invoke({
      id: 'test:review-change',
      input: { id: output.id, verdict: 'changes-requested', comment: 'Why?' },
      credentials,
    });
    expect(last('action-review-change')?.meta).toMatchObject({
      verdict: 'changes-requested',
      before: { verdicts: {} },
      after: { verdicts: { 'user:default/ann': 'changes-requested' } },
    });
    await expect(
      actions.invoke({
        id: 'test:stop-run',
        input: { id: runs.berries.id },
        credentials,
      }),
    ).rejects.toThrow('There is nothing here.');
    expect(last('action-stop-run')).toMatchObject({
      meta: { actor: 'user:default/ann', id: runs.berries.id },
      error: { message: 'There is nothing here.' },
    });
  });

  it('broadcasts that something changed, and nothing of what', async () => {
    expect([...new Set(signals.map(signal => signal.channel))]).toEqual(
      expect.arrayContaining([
        'mlops:runs',
        `mlops:run:${runs.apples.id}`,
        'mlops:changes',
      ]),
    );
    expect(signals.every(({ message }) => isEmpty(message))).toBe(true);
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
