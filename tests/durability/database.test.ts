/*
 * The database goes away in the middle of a run and comes back: callers are told to ask again, the step goes on, the run ends
 * well, and nobody has to start anything again.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, it } from 'node:test';
import { waitFor } from '../support/portal.ts';
import { SmallPortal, type SmallState } from '../support/smallPortal.ts';
import { writeSeed } from '../support/smallProject.ts';

const address =
  process.env.BACKSTAGE_TEST_DATABASE_POSTGRES17_CONNECTION_STRING!;
let folder: string;

before(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mlops-database-'));
  fs.chmodSync(folder, 0o755);
  writeSeed(path.join(folder, 'seed'));
});
after(async () => {
  await SmallPortal.killAll();
  fs.rmSync(folder, { recursive: true, force: true });
});

/** Takes the database away and gives it back, while a step runs. */
async function survives(
  state: SmallState,
  away: () => Promise<void>,
  back: () => Promise<void>,
  { readsGoOn = false } = {},
) {
  const portal = await SmallPortal.start(state);
  const submit = () =>
    portal.call('POST', 'runs', { project: 'small', pipeline: 'slow' });
  const { id } = (await submit()).body;
  const phase = async () => (await portal.call('GET', `runs/${id}`)).body.phase;
  await waitFor('the step', async () => {
    const { body } = await portal.call('GET', `runs/${id}`);
    return Object.values<any>(body.nodes)[0]?.phase === 'Running';
  });
  await away();
  const list = () => portal.call('GET', 'runs');
  if (readsGoOn) assert.equal((await list()).body.items[0].id, id);
  for (const call of readsGoOn ? [submit] : [list, submit]) {
    const { status, headers, body } = await call();
    assert.equal(status, 503, JSON.stringify(body));
    assert.match(headers.get('retry-after') ?? '', /^\d+$/);
    assert.equal(
      body.error.message,
      'The database does not answer now; try again.',
    );
  }
  const health = await waitFor('a health that tells', async () => {
    const { body } = await portal.call('GET', 'health');
    return body.parts.engine === 'failed' && body;
  });
  assert.deepEqual(
    [health.status, health.parts.database],
    ['failed', readsGoOn ? 'ok' : 'failed'],
  );
  // Long enough that the step ends while nobody can write it down.
  await new Promise(resolve => setTimeout(resolve, 16_000));
  assert.equal(portal.isGone, false);
  await back();
  await waitFor(
    'the end of the run',
    async () => (await phase()) === 'Succeeded',
    120_000,
  );
  await waitFor('a good health', async () => {
    const { body } = await portal.call('GET', 'health');
    return body.status === 'ok';
  });
  const { body } = await portal.call('GET', `runs/${id}/nodes/${id}/log`);
  assert.equal(
    body,
    Array.from({ length: 150 }, (_, i) => `line ${i + 1}\n`).join(''),
  );
  assert.equal((await portal.call('GET', 'runs')).body.items.length, 1);
  await portal.stop();
}

it('a SQLite file that somebody holds', async () => {
  const data = path.join(folder, 'sqlite');
  let holder: DatabaseSync;
  await survives(
    { data, seed: path.join(folder, 'seed') },
    async () => {
      holder = new DatabaseSync(path.join(data, 'db/mlops.sqlite'), {
        timeout: 10_000,
      });
      holder.exec('begin exclusive');
    },
    async () => {
      holder.exec('rollback');
      holder.close();
    },
    // Who writes keeps nobody from reading.
    { readsGoOn: true },
  );
});

it('a PostgreSQL that is gone for a while', async () => {
  assert.ok(address, 'the address of a PostgreSQL is in the environment');
  const door = await Door.open(address);
  try {
    await survives(
      {
        data: path.join(folder, 'postgres'),
        seed: path.join(folder, 'seed'),
        postgres: door.address,
        prefix: `away_${process.pid}_`,
      },
      () => door.shut(),
      () => door.reopen(),
    );
  } finally {
    await door.shut();
  }
});

/** The way to a server, which can be shut: then connections break and new ones are refused, as when the server is stopped. */
class Door {
  static async open(target: string): Promise<Door> {
    const door = new Door(new URL(target));
    await door.reopen();
    return door;
  }

  private readonly target: URL;
  private server?: net.Server;
  private port = 0;
  private readonly sockets = new Set<net.Socket>();

  private constructor(target: URL) {
    this.target = target;
  }

  get address(): string {
    const url = new URL(this.target.href);
    url.hostname = '127.0.0.1';
    url.port = String(this.port);
    return url.href;
  }

  async reopen(): Promise<void> {
    this.server = net.createServer(near => {
      const far = net.connect(
        Number(this.target.port || 5432),
        this.target.hostname,
      );
      for (const [one, other] of [
        [near, far],
        [far, near],
      ]) {
        this.sockets.add(one);
        one.on('error', () => other.destroy());
        one.on('close', () => {
          this.sockets.delete(one);
          other.destroy();
        });
        one.pipe(other);
      }
    });
    await new Promise<void>(resolve =>
      this.server!.listen(this.port, '127.0.0.1', resolve),
    );
    this.port = (this.server.address() as net.AddressInfo).port;
  }

  async shut(): Promise<void> {
    const { server } = this;
    if (!server) return;
    this.server = undefined;
    const closed = new Promise(resolve => server.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }
}
