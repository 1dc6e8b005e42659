/*
 * The portal is killed at every place where two things are written one after the other, and started again. One portal after the
 * other works on the same state, so what a crash left in bad order is also seen by all that follow.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it } from 'node:test';
import { bytesOfNobody, faultsOf } from '../support/afterCrash.ts';
import { Clone } from '../support/gitops.ts';
import { waitFor } from '../support/portal.ts';
import { SmallPortal, type SmallState } from '../support/smallPortal.ts';
import { clock, moreFiles, writeSeed } from '../support/smallProject.ts';

let folder: string;
let state: SmallState;
let portal: SmallPortal;
let armed: string;
/** How each run that is over ended: nothing may change it but a retry. */
const ends = new Map<string, string>();

before(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mlops-crash-'));
  fs.chmodSync(folder, 0o755);
  armed = path.join(folder, 'failpoint');
  state = { data: path.join(folder, 'data'), seed: path.join(folder, 'seed') };
  writeSeed(state.seed, moreFiles);
  await begin();
});
after(async () => {
  await SmallPortal.killAll();
  fs.rmSync(folder, { recursive: true, force: true });
});

async function begin() {
  portal = await SmallPortal.start(state, { MLOPS_FAILPOINT: `@${armed}` });
}

function ask(sql: string, ...values: string[]): Promise<any[]> {
  const database = new DatabaseSync(path.join(state.data, 'db/mlops.sqlite'), {
    readOnly: true,
    timeout: 5000,
  });
  try {
    return Promise.resolve(database.prepare(sql).all(...values) as any[]);
  } finally {
    database.close();
  }
}

const isOver = (phase: string) =>
  ['Succeeded', 'Failed', 'Error'].includes(phase);
const runs = async (): Promise<any[]> =>
  (await portal.call('GET', 'runs?limit=200')).body.items;
const allOver = () =>
  waitFor(
    'the end of all runs',
    async () => (await runs()).every(run => isOver(run.phase)),
    120_000,
  );
const runOf = async (id: string) =>
  (await portal.call('GET', `runs/${id}`)).body;
const nodeOf = (run: any, name: string): any =>
  Object.values<any>(run.nodes).find(node => node.displayName === name);

async function submit(pipeline: string, more: object = {}): Promise<string> {
  const { status, body } = await portal.call('POST', 'runs', {
    project: 'small',
    pipeline,
    ...more,
  });
  assert.equal(status, 201, JSON.stringify(body));
  return body.id;
}

/** A run that waits for a person, and the node that does. */
async function asked(): Promise<{ id: string; node: string }> {
  const id = await submit('asks');
  const node = await waitFor('the question', async () => {
    const found = nodeOf(await runOf(id), 'person');
    return found?.phase === 'Running' && found.id;
  });
  return { id, node };
}

async function ended(id: string): Promise<any> {
  return waitFor(
    `the end of ${id}`,
    async () => {
      const run = await runOf(id);
      return isOver(run.phase) && run;
    },
    120_000,
  );
}

/** Does something that reaches a place between two writes; there the portal dies, and another one begins. */
async function dieAt(failpoint: string, work: () => Promise<unknown>) {
  fs.writeFileSync(armed, failpoint);
  work().catch(() => undefined);
  const end = await Promise.race([
    portal.ended,
    new Promise(resolve => setTimeout(resolve, 120_000, 'it lives').unref()),
  ]);
  fs.rmSync(armed);
  assert.equal(end, 'SIGKILL', portal.log());
  await begin();
}

/** Database and disk tell the same story, and no end that was told has changed. */
async function isSound(retried: string[] = []) {
  await allOver();
  assert.deepEqual(await faultsOf(ask, state.data), []);
  const now = await runs();
  for (const run of now) {
    const end = `${run.phase} ${run.finishedAt}`;
    const before = ends.get(run.id);
    if (before && !retried.includes(run.id)) assert.equal(end, before, run.id);
    ends.set(run.id, end);
  }
}

const attemptsOf = (id: string) =>
  ask('select * from mlops_step_attempts where run_id = ?', id);

/** The record of the process of a run's first step, once it is there, and where it lies. */
const startOf = (id: string): Promise<any> =>
  waitFor(`the step of ${id}`, async () => {
    const [{ directory }] = await attemptsOf(id);
    const file = path.join(directory, 'start.json');
    return { file, ...JSON.parse(fs.readFileSync(file, 'utf8')) };
  });

const newest = async () =>
  (await ask('select id from mlops_runs order by sequence desc limit 1'))[0].id;

describe('a portal that is killed', () => {
  for (const failpoint of [
    'run-stored',
    'tracking-opened',
    'state-computed',
    'state-saved',
    'attempt-stored',
    'attempt-folder-made',
    'inputs-staged',
    'step-started',
    'step-ended',
    'artifact-bytes-written',
    'outputs-collected',
    'tracking-ended',
    'end-saved',
  ])
    it(`at '${failpoint}' loses no run, repeats no step, leaves nothing`, async () => {
      const count = (await runs()).length;
      await dieAt(failpoint, () => submit('three'));
      await isSound();
      const now = await runs();
      assert.equal(now.length, count + 1);
      assert.deepEqual(
        [now[0].phase, now[0].message],
        ['Succeeded', undefined],
      );
    });

  it(`at 'lease-taken', while it takes over a run, lets the next one take it`, async () => {
    const { id, node } = await asked();
    await portal.kill();
    fs.writeFileSync(armed, 'lease-taken');
    await begin();
    assert.equal(await portal.ended, 'SIGKILL');
    fs.rmSync(armed);
    await begin();
    await portal.call('POST', `runs/${id}/resume`, { node });
    await isSound();
    assert.equal((await runOf(id)).phase, 'Succeeded');
  });

  it(`at 'step-abandoned', while it gives up a step that never began, leaves nothing of it`, async () => {
    fs.writeFileSync(armed, 'inputs-staged');
    submit('three').catch(() => undefined);
    assert.equal(await portal.ended, 'SIGKILL');
    fs.writeFileSync(armed, 'step-abandoned');
    await begin();
    assert.equal(await portal.ended, 'SIGKILL');
    fs.rmSync(armed);
    await begin();
    await isSound();
    assert.equal((await runOf(await newest())).phase, 'Succeeded');
  });

  it(`at 'cache-saved' keeps what the step gave, and the next run takes it`, async () => {
    await dieAt('cache-saved', () => submit('kept'));
    await isSound();
    const filled = await newest();
    const { body } = await portal.call('GET', 'projects/small/caches');
    assert.deepEqual(
      body.items.map((item: any) => item.filledBy.run),
      [filled],
    );
    const second = await ended(await submit('kept'));
    assert.equal(second.phase, 'Succeeded');
    assert.deepEqual(
      await ask(
        'select node_id from mlops_step_attempts where run_id = ?',
        second.id,
      ),
      [],
    );
  });

  for (const failpoint of ['control-stored', 'control-applied'])
    it(`at '${failpoint}' does what a person asked, once`, async () => {
      const { id, node } = await asked();
      await dieAt(failpoint, () =>
        portal.call('POST', `runs/${id}/resume`, { node }),
      );
      const run = await ended(id);
      assert.equal(run.phase, 'Succeeded');
      await isSound();
    });

  it(`at 'control-stored' stops the run that it was asked to stop`, async () => {
    const id = await submit('slow');
    await waitFor(
      'the step',
      async () => nodeOf(await runOf(id), id)?.phase === 'Running',
    );
    await dieAt('control-stored', () => portal.call('POST', `runs/${id}/stop`));
    const run = await ended(id);
    assert.deepEqual(
      [run.phase, run.message],
      ['Failed', "Stopped with strategy 'Stop'"],
    );
    await settled();
    await isSound();
  });

  it(`at 'end-saved' of a run that was stopped ends the step that was still ending`, async () => {
    const id = await submit('slow');
    await waitFor(
      'the step',
      async () => nodeOf(await runOf(id), id)?.phase === 'Running',
    );
    await dieAt('end-saved', () => portal.call('POST', `runs/${id}/stop`));
    await settled();
    await isSound();
  });

  for (const [failpoint, asked] of [
    ['retry-planned', 'Failed'],
    ['run-reopened', 'Succeeded'],
  ])
    it(`at '${failpoint}' has retried the run as a whole or not at all`, async () => {
      const id = await submit('mends');
      assert.equal((await ended(id)).phase, 'Failed');
      const retry = () =>
        portal.call('POST', `runs/${id}/retry`, {
          parameters: { well: 'yes' },
        });
      await dieAt(failpoint, retry);
      assert.equal((await ended(id)).phase, asked);
      if (asked === 'Failed') {
        assert.equal((await retry()).status, 200);
        await ended(id);
      }
      await isSound([id]);
      assert.deepEqual(
        (
          await ask(
            'select node_id, count(*) as count from mlops_step_attempts where run_id = ? group by node_id order by count',
            id,
          )
        ).map(row => row.count),
        [1, 2],
      );
    });

  it(`at 'schedule-submitted' runs each time of a schedule once`, async () => {
    const clone = new Clone(state.data);
    clone.write('ml-projects/small/pipelines/clock.yaml', clock);
    await dieAt('schedule-submitted', async () => clone.push('clock'));
    clone.remove();
    await waitFor('the end of the schedule', async () => {
      const { body } = await portal.call('GET', 'projects/small');
      return body.schedules[0].stoppedAt;
    });
    await isSound();
    const { body } = await portal.call('GET', 'runs?schedule=clock');
    const times = body.items.map((run: any) => run.trigger.scheduledFor);
    assert.ok(times.length > 0);
    assert.equal(new Set(times).size, times.length);
  });

  for (const failpoint of [
    'retention-bytes-removed',
    'retention-folder-removed',
  ])
    it(`at '${failpoint}' ends what it began to remove`, async () => {
      for (let i = 0; i < 2; i++)
        await ended(await submit('three', { project: 'brief' }));
      await dieAt(failpoint, () =>
        portal.call('POST', 'projects/brief/retention'),
      );
      await waitFor(
        'one run that is left',
        async () =>
          (await portal.call('GET', 'runs?project=brief')).body.items.length ===
          1,
      );
      await isSound();
    });

  for (const [failpoint, whole] of [
    ['change-asked', false],
    ['change-stored', false],
    ['change-ref-moved', true],
    ['change-opened', true],
  ] as const)
    it(`at '${failpoint}' has opened a change wholly or not at all, and opens it once when it is asked again`, async () => {
      const open = () => openChange(failpoint);
      await dieAt(failpoint, open);
      await waitFor(`what is left of '${failpoint}'`, async () => {
        const found = (await changesAt(failpoint)).length;
        return found === (whole ? 1 : 0);
      });
      assert.equal((await branchesAt(failpoint)).length, whole ? 1 : 0);
      const again = await open();
      assert.equal(again.status, 201, JSON.stringify(again.body));
      assert.equal((await changesAt(failpoint)).length, 1);
      await isSound();
    });

  it(`at 'change-check-told' tells the check to the request in the end`, async () => {
    await dieAt('change-check-told', () => openChange('told'));
    await openChange('told');
    const [{ id }] = await changesAt('told');
    await passed(id);
    await isSound();
  });

  for (const [failpoint, state] of [
    ['change-operation-stored', 'open'],
    ['change-ref-moved', 'merged'],
  ])
    it(`at '${failpoint}' has merged a change wholly or not at all`, async () => {
      const title = `merge ${failpoint}`;
      const { body } = await openChange(title);
      await passed(body.id);
      const merge = () => portal.call('POST', `changes/${body.id}/merge`, {});
      await dieAt(failpoint, merge);
      const change = async () =>
        (await portal.call('GET', `changes/${body.id}`)).body;
      assert.equal((await change()).state, state);
      assert.equal(
        await mainHas(title),
        state === 'merged',
        'what the request says is what main has',
      );
      if (state === 'open') {
        await passed(body.id);
        const merged = await merge();
        assert.equal(merged.status, 200, JSON.stringify(merged.body));
      }
      assert.ok(await mainHas(title));
      await isSound();
    });

  it('in the middle of a step finds the same process at work, and its log has no gap', async () => {
    const id = await submit('long');
    const begun = await startOf(id);
    await new Promise(resolve => setTimeout(resolve, 1000));
    await portal.kill();
    await begin();
    assert.equal((await startOf(id)).pid, begun.pid);
    process.kill(begun.pid, 0);
    const run = await ended(id);
    assert.equal(run.phase, 'Succeeded');
    const log = await portal.call(
      'GET',
      `runs/${id}/nodes/${nodeOf(run, id).id}/log`,
    );
    assert.equal(
      log.body,
      Array.from({ length: 400 }, (_, i) => `line ${i + 1}\n`).join(''),
    );
    assert.equal((await attemptsOf(id)).length, 1);
    await isSound();
  });

  it('with its machine tells the nodes so, and those run again that are retried', async () => {
    const ids = [await submit('long'), await submit('again')];
    const starts = [await startOf(ids[0]), await startOf(ids[1])];
    await portal.kill();
    for (const { pid, file, ...record } of starts) {
      process.kill(pid, 'SIGKILL');
      fs.writeFileSync(
        file,
        JSON.stringify({ ...record, pid, boot: 'the boot before this one' }),
      );
    }
    await begin();
    const failed = await ended(ids[0]);
    const node = nodeOf(failed, ids[0]);
    assert.deepEqual(
      [failed.phase, node.phase, node.message],
      ['Error', 'Error', restarted],
    );
    const run = await ended(ids[1]);
    assert.equal(run.phase, 'Succeeded');
    assert.deepEqual(
      [0, 1].map(i => nodeOf(run, `${ids[1]}(${i})`)).map(tried => tried.phase),
      ['Error', 'Succeeded'],
    );
    assert.equal(nodeOf(run, `${ids[1]}(0)`).message, restarted);
    await isSound();
  });

  it('with its machine, whose disk had not got the records yet, tells the nodes the same', async () => {
    const ids = [await submit('long'), await submit('again')];
    const starts = [await startOf(ids[0]), await startOf(ids[1])];
    await portal.kill();
    for (const { pid, file } of starts) {
      process.kill(pid, 'SIGKILL');
      const place = path.dirname(file);
      for (const name of ['request.json', 'spec.json', 'start.json', 'log'])
        fs.writeFileSync(path.join(place, name), '');
      fs.rmSync(path.join(place, 'exit.json'), { force: true });
    }
    const database = new DatabaseSync(path.join(state.data, 'db/mlops.sqlite'));
    database.exec(
      `update mlops_step_attempts set boot = 'earlier' where state = 'open'`,
    );
    database.close();
    await begin();
    const [failed, run] = [await ended(ids[0]), await ended(ids[1])];
    assert.deepEqual(
      [failed.phase, nodeOf(failed, ids[0]).message],
      ['Error', restarted],
    );
    assert.deepEqual(
      [run.phase, nodeOf(run, `${ids[1]}(0)`).message],
      ['Succeeded', restarted],
    );
    await isSound();
  });

  it('and does not come back for the configured time finds the step ended, with that reason', async () => {
    await portal.stop();
    const environments = [{ images: ['tools'] }];
    portal = await SmallPortal.start({
      ...state,
      mlops: { local: { orphanSeconds: 3, environments } },
    });
    const id = await submit('long');
    const { file } = await startOf(id);
    await portal.kill();
    await waitFor('the end of the step', async () =>
      fs.existsSync(path.join(path.dirname(file), 'exit.json')),
    );
    await begin();
    const run = await ended(id);
    assert.deepEqual(
      [run.phase, nodeOf(run, id).message],
      ['Failed', 'no portal was found for too long, so the step was ended'],
    );
    await isSound();
  });

  it('and whose disk fails it says so on the run, and no step of it lives on', async () => {
    // A step that is done when the portal dies would lose its log with its folder.
    const id = await submit('slow');
    const { pid } = await startOf(id);
    await portal.kill();
    // Where the folders of the run would be, there is a file.
    const place = path.join(state.data, 'runs', id);
    // The step still writes meanwhile.
    fs.rmSync(place, { recursive: true, force: true, maxRetries: 50 });
    fs.writeFileSync(place, '');
    await begin();
    const run = await ended(id);
    assert.equal(run.phase, 'Error');
    assert.match(run.message, /^the engine failed: E(EXIST|NOTDIR)/);
    fs.rmSync(place);
    assert.deepEqual(
      Object.values<any>(run.nodes).filter(node => !isOver(node.phase)),
      [],
    );
    await waitFor('the end of the step', async () => !isAlive(pid));
  });

  it('leaves no bytes that nothing names, once they are old enough to be swept, and no folder of a step', async () => {
    await portal.stop();
    // As a portal leaves it that lost the run without knowing.
    const [{ directory }] = await ask(
      `select directory from mlops_step_attempts where state = 'ended'`,
    );
    fs.mkdirSync(path.join(directory, 'fs/tmp'), { recursive: true });
    for (const file of filesBelow(path.join(state.data, 'artifacts'))) {
      const before = new Date(Date.now() - 2 * 60 * 60 * 1000);
      fs.utimesSync(file, before, before);
    }
    await begin();
    await waitFor(
      'the end of the sweep',
      async () => (await bytesOfNobody(ask, state.data)).length === 0,
    ).catch(async () =>
      assert.deepEqual(await bytesOfNobody(ask, state.data), []),
    );
    await waitFor(
      'the end of the folder',
      async () => !fs.existsSync(path.join(directory, 'fs')),
    );
    await isSound();
  });
});

/** Proposes a file that has the title's name; asked again, it is the same call. */
const openChange = (title: string) =>
  portal.call(
    'POST',
    'changes',
    {
      project: 'small',
      title,
      edits: [{ path: fileOf(title), content: `${title}\n` }],
    },
    { 'idempotency-key': `key-of-${title.replaceAll(' ', '-')}` },
  );
const fileOf = (title: string) =>
  `ml-projects/small/docs/${title.replaceAll(' ', '-')}.md`;
const changesAt = async (title: string): Promise<any[]> =>
  (await portal.call('GET', 'changes?limit=100')).body.items.filter(
    (item: any) => item.title === title,
  );
const git = (...args: string[]) =>
  execFileSync('git', args, {
    cwd: path.join(state.data, 'gitops.git'),
    encoding: 'utf8',
  });
const branchesAt = async (title: string) =>
  git('for-each-ref', '--format=%(refname)', 'refs/heads/mlops')
    .split('\n')
    .filter(name => name.endsWith(`-${title}`));
const mainHas = async (title: string) =>
  git('ls-tree', '-r', '--name-only', 'main').includes(fileOf(title));
const passed = (id: string) =>
  waitFor(
    `the checks of change ${id}`,
    async () => {
      const { body } = await portal.call('GET', `changes/${id}`);
      return (
        body.checks.length > 0 &&
        body.checks.every((check: any) => check.state === 'passed')
      );
    },
    120_000,
  );

// A run is over when its steps are told to end; they have ten seconds for it.
const settled = () =>
  waitFor(
    'the end of all steps',
    async () =>
      (await ask(`select 1 from mlops_step_attempts where state = 'open'`))
        .length === 0,
  );

const restarted = 'portal was shut down: the machine was restarted';
const isAlive = (pid: number) => fs.existsSync(`/proc/${pid}`);

const filesBelow = (folderName: string) =>
  fs
    .readdirSync(folderName, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => path.join(entry.parentPath, entry.name));
