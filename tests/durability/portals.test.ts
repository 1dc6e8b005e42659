/*
 * Two portals on one PostgreSQL share the work for two minutes, while one or the other is killed at random moments. The seed of
 * the chance is printed; MLOPS_TEST_SEED plays it again, MLOPS_TEST_CHAOS_SECONDS makes it longer.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, it } from 'node:test';
import pg from 'pg';
import { faultsOf, type Ask } from '../support/afterCrash.ts';
import { waitFor } from '../support/portal.ts';
import { SmallPortal, type SmallState } from '../support/smallPortal.ts';
import { writeSeed } from '../support/smallProject.ts';

const address =
  process.env.BACKSTAGE_TEST_DATABASE_POSTGRES17_CONNECTION_STRING!;
const seconds = Number(process.env.MLOPS_TEST_CHAOS_SECONDS ?? 120);
const seed = Number(process.env.MLOPS_TEST_SEED ?? Date.now() % 1_000_000);

let folder: string;
let state: SmallState;
let client: pg.Client;
const ask: Ask = async sql => (await client.query(sql)).rows;

// The generator of Marsaglia's xorshift32: the same chance for the same seed.
let chance = seed || 1;
function random(): number {
  chance ^= chance << 13;
  chance ^= chance >>> 17;
  chance ^= chance << 5;
  return (chance >>> 0) / 2 ** 32;
}
const sleep = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

before(async () => {
  assert.ok(address, 'the address of a PostgreSQL is in the environment');
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mlops-portals-'));
  fs.chmodSync(folder, 0o755);
  writeSeed(path.join(folder, 'seed'));
  state = {
    data: path.join(folder, 'data'),
    seed: path.join(folder, 'seed'),
    postgres: address,
    prefix: `portals_${process.pid}_`,
  };
});
after(async () => {
  await SmallPortal.killAll();
  await client?.end();
  fs.rmSync(folder, { recursive: true, force: true });
});

it(`two portals that are killed at random lose no run and repeat no step (seed ${seed})`, async () => {
  const portals = [
    await SmallPortal.start(state),
    await SmallPortal.start(state),
  ];
  const url = new URL(address);
  url.pathname = `/${state.prefix}mlops`;
  client = new pg.Client({ connectionString: url.href });
  await client.connect();

  const submitted = new Set<string>();
  const end = Date.now() + seconds * 1000;
  let kills = 0;
  const submitting = (async () => {
    while (Date.now() < end) {
      const portal = portals[Math.floor(random() * 2)];
      const answer = await portal
        .call('POST', 'runs', {
          project: 'small',
          pipeline: random() < 0.2 ? 'slow' : 'three',
        })
        .catch(() => undefined);
      if (answer?.status === 201) submitted.add(answer.body.id);
      await sleep(300 + random() * 1500);
    }
  })();
  while (Date.now() < end) {
    await sleep(1000 + random() * 6000);
    const which = Math.floor(random() * 2);
    await portals[which].kill();
    kills += 1;
    portals[which] = await SmallPortal.start(state);
  }
  await submitting;
  await waitFor(
    'the end of all runs',
    async () =>
      (
        await ask(
          `select 1 from mlops_runs where phase in ('Pending', 'Running')`,
        )
      ).length === 0,
    300_000,
  );
  const runs = await ask('select id, phase, message from mlops_runs');
  const known = new Set(runs.map(run => run.id));
  console.log(
    `${runs.length} runs, ${kills} kills, seed ${seed}, ${seconds} seconds`,
  );
  assert.deepEqual(
    [...submitted].filter(id => !known.has(id)),
    [],
    'every run that was answered is there',
  );
  assert.deepEqual(
    runs.filter(run => run.phase !== 'Succeeded'),
    [],
  );
  assert.deepEqual(await faultsOf(ask, state.data), []);
  await Promise.all(portals.map(portal => portal.stop()));
});

it('a dead portal’s runs are taken over by the other one', async () => {
  const own = { ...state, prefix: `takeover_${process.pid}_` };
  const first = await SmallPortal.start(own);
  const second = await SmallPortal.start(own);
  const { body } = await first.call('POST', 'runs', {
    project: 'small',
    pipeline: 'three',
  });
  await first.kill();
  const killedAt = Date.now();
  await waitFor(
    'the end of the run',
    async () =>
      (await second.call('GET', `runs/${body.id}`)).body.phase === 'Succeeded',
    180_000,
  );
  // The promise is 20 seconds; a machine that is busy with something else may be slower.
  console.log(`taken over and ended after ${Date.now() - killedAt} ms`);
  await second.stop();
});
