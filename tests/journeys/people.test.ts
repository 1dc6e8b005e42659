/* The people whom the sign-in page of development offers are real users of Backstage, and nobody else gets in by it. */
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { Clone } from '../support/gitops.ts';
import { signIn, tokenOf } from '../support/people.ts';
import {
  startTestPortal,
  waitFor,
  type TestPortal,
} from '../support/portal.ts';

/** A step that asks the portal for what is not its run's, and for what is; prints the status of each answer. */
const curious = `apiVersion: argoproj.io/v1alpha1
kind: WorkflowTemplate
metadata: { name: curious }
spec:
  entrypoint: main
  templates:
    - name: main
      script:
        image: mlops-steps:22
        command: [node]
        source: |
          const { MLFLOW_TRACKING_URI, MLFLOW_TRACKING_TOKEN, MLFLOW_RUN_ID } = process.env;
          const portal = new URL(MLFLOW_TRACKING_URI).origin;
          const own = { authorization: 'Bearer ' + MLFLOW_TRACKING_TOKEN };
          for (const [address, headers] of [
            ['/api/auth/guest/refresh', {}],
            ['/api/auth/dev-users/refresh', { 'x-portal-person': 'user:default/rex' }],
            ['/api/mlops/runs', {}],
            ['/api/mlops/runs', own],
            ['/api/catalog/entities', own],
            ['/api/mlops/api/2.0/mlflow/runs/get?run_id=' + MLFLOW_RUN_ID, own],
          ])
            console.log((await fetch(portal + address, { headers })).status, address.split('?')[0]);
`;

let portal: TestPortal;
before(async () => {
  portal = await startTestPortal();
});
after(() => portal?.stop());

const identityOf = (token: string) =>
  fetch(`${portal.url}/api/auth/v1/userinfo`, {
    headers: { authorization: `Bearer ${token}` },
  }).then(answer => answer.json() as any);

it('gives each person their own name and the groups of the catalog', async () => {
  const groups = {
    guest: 'guests',
    jen: 'farm-data',
    dana: 'farm-data',
    rex: 'reviewers',
    stranger: 'townsfolk',
  } as const;
  for (const [name, group] of Object.entries(groups)) {
    const token = await tokenOf(portal.url, name as keyof typeof groups);
    const { claims } = await identityOf(token);
    assert.equal(claims.sub, `user:default/${name}`);
    assert.ok(claims.ent.includes(`group:default/${group}`), name);
  }
});

it('writes who began a run', async () => {
  const dana = await signIn(portal.url, 'dana');
  const { status, body } = await dana.call('POST', 'runs', {
    project: 'penguins',
    pipeline: 'hello',
  });
  assert.equal(status, 201);
  assert.equal(body.trigger.by, 'user:default/dana');
});

it('offers nobody who is not on the list', async () => {
  for (const person of ['user:default/root', 'group:default/reviewers', '']) {
    const answer = await fetch(`${portal.url}/api/auth/dev-users/refresh`, {
      headers: { 'x-portal-person': person },
    });
    assert.equal(answer.status, 400, person);
  }
});

it('lets no step become one of them; it is known by the token of its run alone', async () => {
  const clone = new Clone(portal.data);
  clone.write('ml-projects/penguins/pipelines/curious.yaml', curious);
  clone.push('A curious step');
  clone.remove();
  const { id } = await waitFor('the run', async () => {
    const { status, body } = await portal.call('POST', 'runs', {
      project: 'penguins',
      pipeline: 'curious',
    });
    return status === 201 && body;
  });
  await waitFor(
    'its end',
    async () =>
      (await portal.call('GET', `runs/${id}`)).body.phase === 'Succeeded',
  );
  const answer = await portal.fetch(`runs/${id}/nodes/${id}/log`);
  const log = await answer.text();
  assert.deepEqual(log.trim().split('\n'), [
    '403 /api/auth/guest/refresh',
    '403 /api/auth/dev-users/refresh',
    '401 /api/mlops/runs',
    '401 /api/mlops/runs',
    '401 /api/catalog/entities',
    '200 /api/mlops/api/2.0/mlflow/runs/get',
  ]);
  assert.ok(await tokenOf(portal.url, 'guest'), 'people sign in all the same');
});
