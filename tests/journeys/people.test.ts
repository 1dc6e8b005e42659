/* The people whom the sign-in page of development offers are real users of Backstage, and nobody else gets in by it. */
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { signIn, tokenOf } from '../support/people.ts';
import { startTestPortal, type TestPortal } from '../support/portal.ts';

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
