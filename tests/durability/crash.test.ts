/*
 * The portal is killed at every place where two things are written one after the other, and started again.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it } from 'node:test';
import { faultsOf } from '../support/afterCrash.ts';
import { waitFor } from '../support/portal.ts';
import { SmallPortal, type SmallState } from '../support/smallPortal.ts';
import { writeSeed } from '../support/smallProject.ts';

const failpoints = [
  'run-stored',
  'lease-taken',
  'state-computed',
  'state-saved',
  'attempt-stored',
  'attempt-folder-made',
  'step-started',
  'step-ended',
  'outputs-collected',
  'tracking-ended',
  'end-saved',
];

let folder: string;
let seed: string;

before(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mlops-crash-'));
  fs.chmodSync(folder, 0o755);
  seed = path.join(folder, 'seed');
  writeSeed(seed);
});
after(async () => {
  await SmallPortal.killAll();
  fs.rmSync(folder, { recursive: true, force: true });
});

const ask = (data: string) => async (sql: string) => {
  const database = new DatabaseSync(path.join(data, 'db/mlops.sqlite'), {
    readOnly: true,
  });
  try {
    return database.prepare(sql).all() as any[];
  } finally {
    database.close();
  }
};
const isOver = (phase: string) =>
  ['Succeeded', 'Failed', 'Error'].includes(phase);
const allOver = (portal: SmallPortal) =>
  waitFor(
    'the end of all runs',
    async () => {
      const { body } = await portal.call('GET', 'runs');
      return body.items.every((run: any) => isOver(run.phase)) && body.items;
    },
    60_000,
  );

describe('a portal that is killed', () => {
  for (const failpoint of failpoints)
    it(`at '${failpoint}' loses no run, repeats no step, leaves nothing`, async () => {
      const state: SmallState = { data: path.join(folder, failpoint), seed };
      let submitted: string | undefined;
      if (failpoint === 'lease-taken') {
        const first = await SmallPortal.start(state);
        const { body } = await submit(first);
        submitted = body.id;
        await first.kill();
      }
      const killed = await SmallPortal.start(state, {
        MLOPS_FAILPOINT: failpoint,
      });
      if (failpoint !== 'lease-taken')
        submitted = (await submit(killed).catch(() => undefined))?.body.id;
      const signal = await Promise.race([
        killed.ended,
        new Promise(resolve => setTimeout(resolve, 20_000, 'it lives')),
      ]);
      assert.equal(signal, 'SIGKILL', killed.log());

      const back = await SmallPortal.start(state);
      const runs = await allOver(back);
      if (submitted)
        assert.deepEqual(
          runs.map((run: any) => [run.id, run.phase, run.message]),
          [[submitted, 'Succeeded', undefined]],
        );
      assert.deepEqual(await faultsOf(ask(state.data), state.data), []);
      const again = await back.call('GET', 'runs');
      assert.deepEqual(again.body.items, runs);
      await back.stop();
    });

  it('in the middle of a step finds the same process at work', async () => {
    const state: SmallState = { data: path.join(folder, 'adopted'), seed };
    const first = await SmallPortal.start(state);
    const { body } = await submit(first, 'slow');
    const attempts = () => ask(state.data)('select * from mlops_step_attempts');
    const begun = await waitFor('the step to begin', async () => {
      const [row] = await attempts();
      const file = row && path.join(row.directory, 'start.json');
      return (
        file && fs.existsSync(file) && JSON.parse(fs.readFileSync(file, 'utf8'))
      );
    });
    await new Promise(resolve => setTimeout(resolve, 1000));
    await first.kill();
    const back = await SmallPortal.start(state);
    const [row] = await attempts();
    assert.equal(
      JSON.parse(
        fs.readFileSync(path.join(row.directory, 'start.json'), 'utf8'),
      ).pid,
      begun.pid,
    );
    process.kill(begun.pid, 0);
    const [run] = await allOver(back);
    assert.deepEqual([run.id, run.phase], [body.id, 'Succeeded']);
    const node = Object.values<any>(
      (await back.call('GET', `runs/${run.id}`)).body.nodes,
    ).find(item => item.type === 'Pod');
    const log = await back.call('GET', `runs/${run.id}/nodes/${node.id}/log`);
    assert.equal(
      log.body,
      Array.from({ length: 150 }, (_, i) => `line ${i + 1}\n`).join(''),
    );
    assert.equal((await attempts()).length, 1);
    await back.stop();
  });
});

function submit(portal: SmallPortal, pipeline = 'three') {
  return portal.call('POST', 'runs', { project: 'small', pipeline });
}
