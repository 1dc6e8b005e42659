/* Every write of a portal that was thought dead is refused; what its successor wrote stays. */
import assert from 'node:assert/strict';
import { initialState } from '@backstage-mlops/argo-engine';
import { resolvePackagePath } from '@backstage/backend-plugin-api';
import { TestDatabases } from '@backstage/backend-test-utils';
import fc from 'fast-check';
import type { Knex } from 'knex';
import { Leases, LeaseLostError, type Lease } from './Leases';
import type { StepAttemptRow } from './AttemptStore';
import { RunStore } from './RunStore';
import type { StoredRun } from './StoredRun';

const runOf = (id: string): StoredRun => ({
  summary: {
    id,
    project: 'one',
    pipeline: 'p',
    engine: 'local',
    phase: 'Pending',
    ref: 'main',
    commit: 'c'.repeat(40),
    file: 'p.yaml',
    parameters: [],
    trigger: { kind: 'person', by: 'user:default/a' },
    createdAt: '2026-01-01T00:00:00.000Z',
    trackingRunId: 't',
    notes: [],
  },
  workflow: { metadata: { name: id }, spec: {} } as any,
  state: initialState(),
  isolation: 'namespaces',
  experimentId: '1',
});

const attemptOf = (attempt: number): StepAttemptRow => ({
  nodeId: 'n',
  attempt,
  directory: `/nowhere/${attempt}`,
  state: 'open',
  host: 'here',
  createdAt: '2026-01-01T00:00:00.000Z',
});

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_17'] });

describe.each(databases.eachSupportedId())('leases on %s', databaseId => {
  let knex: Knex;
  let store: RunStore;
  let count = 0;
  beforeAll(async () => {
    knex = await databases.init(databaseId);
    await knex.migrate.latest({
      directory: resolvePackagePath(
        '@backstage-mlops/plugin-mlops-backend',
        'migrations',
      ),
    });
    store = new RunStore(knex);
  }, 60_000);

  const add = (leases: Leases) =>
    store.add(runOf(`run-${count++}`), `hash-${count}`, {
      owner: leases.owner,
      until: leases.until(),
    });
  const beginStep = (lease: Lease) =>
    store.savePass(lease, { state: initialState(), begun: [attemptOf(0)] });
  const everythingOf = async (id: string) => [
    await knex('mlops_runs').where({ id }).first(),
    await store.attempts.list(id),
  ];

  // Each method of the store that a loop writes by.
  const writes: Record<string, (lease: Lease) => Promise<unknown>> = {
    savePass: lease =>
      store.savePass(lease, {
        state: { ...initialState(), phase: 'Succeeded', message: 'old' },
        ended: [{ nodeId: 'n', attempt: 0, state: 'ended' }],
        locks: [{ name: 'lock', count: 1, limit: 1 }],
        saves: [{ cacheName: 'c', key: 'k', nodeId: 'n' } as any],
        controlsDone: 1,
        begun: [attemptOf(1)],
      }),
    settle: lease =>
      store.attempts.settle(lease, [
        { nodeId: 'n', attempt: 0, state: 'abandoned' },
      ]),
    reopen: lease =>
      store.reopen(lease, {
        state: initialState(),
        workflow: {} as any,
        parameters: [],
        tokenHash: 'other',
      }),
    checkLease: lease => store.checkLease(lease),
  };

  it.each(Object.keys(writes))(
    'refuses %s with the token of an earlier owner, and changes nothing',
    async name => {
      const first = new Leases(knex, 'first', -1);
      const old = await add(first);
      await beginStep(old);
      const second = new Leases(knex, 'second');
      const taken = (await second.take(old.runId))!;
      expect(taken.token).toBeGreaterThan(old.token);
      const before = await everythingOf(old.runId);
      await expect(writes[name](old)).rejects.toThrow(LeaseLostError);
      // The same portal again under its old token is no better.
      await expect(writes[name]({ ...old, owner: 'second' })).rejects.toThrow(
        LeaseLostError,
      );
      expect(await everythingOf(old.runId)).toEqual(before);
      await writes[name](taken);
    },
  );

  it('writes passes of many runs together; a run that was lost is refused alone', async () => {
    const owner = new Leases(knex, 'many');
    const leases: Lease[] = [];
    for (let i = 0; i < 150; i++) leases.push(await add(owner));
    const lost = leases[70];
    await knex('mlops_runs')
      .where({ id: lost.runId })
      .update({ lease_owner: 'another', lease_token: lost.token + 1 });
    const broken = leases[75];

    const ends = await Promise.allSettled(
      leases.map((lease, i) =>
        store.savePassInGroup(lease, {
          state: { ...initialState(), message: `pass ${i}` },
          // The same attempt twice is what a database refuses.
          begun:
            lease === broken ? [attemptOf(0), attemptOf(0)] : [attemptOf(0)],
        }),
      ),
    );
    for (const [i, { runId }] of leases.entries()) {
      const { summary } = await store.get(runId);
      const isWritten = runId !== lost.runId && runId !== broken.runId;
      expect(ends[i].status).toBe(isWritten ? 'fulfilled' : 'rejected');
      expect(summary.message).toBe(isWritten ? `pass ${i}` : undefined);
      expect(await store.attempts.list(runId)).toHaveLength(isWritten ? 1 : 0);
    }
    expect((ends[70] as PromiseRejectedResult).reason).toBeInstanceOf(
      LeaseLostError,
    );
  });

  it('gives a lease that has not ended to nobody else, keeps it, and lets it go only to its owner', async () => {
    const first = new Leases(knex, 'first', 600_000);
    const second = new Leases(knex, 'second', 600_000);
    // On a slow machine the leases of the tests before have ended too.
    const listFree = () => second.listFree(10_000);
    const lease = await add(first);
    expect(await second.take(lease.runId)).toBeUndefined();
    expect(await listFree()).not.toContain(lease.runId);
    await second.release({ ...lease, owner: 'second' });
    await first.release({ ...lease, token: lease.token + 1 });
    expect(await second.take(lease.runId)).toBeUndefined();
    await first.release(lease);
    expect(await listFree()).toContain(lease.runId);
    expect(await second.take(lease.runId)).toMatchObject({ owner: 'second' });
  });

  it('keeps only the leases of runs that are worked on; another is free when its time is over', async () => {
    const first = new Leases(knex, 'first', 60_000);
    const short = new Leases(knex, 'first', -1);
    const kept = await add(short);
    const forgotten = await add(short);
    await first.renew([kept.runId]);
    const second = new Leases(knex, 'second');
    expect(await second.take(kept.runId)).toBeUndefined();
    expect(await second.take(forgotten.runId)).toBeDefined();
    // Renewing what was lost takes nothing back.
    await first.renew([forgotten.runId]);
    expect(
      await knex('mlops_runs')
        .where({ id: forgotten.runId })
        .first('lease_owner'),
    ).toEqual({ lease_owner: 'second' });
  });

  it('gives a run to one portal of many that ask at once', async () => {
    const lease = await add(new Leases(knex, 'dead', -1));
    const all = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        new Leases(knex, `portal-${i}`).take(lease.runId),
      ),
    );
    expect(all.filter(Boolean).length).toBe(1);
  });

  it('holds in every order of owners and writes: only the newest token writes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('take', 'write', 'late', 'release'), {
          maxLength: 12,
        }),
        async steps => {
          const leases: Lease[] = [await add(new Leases(knex, 'p0', -1))];
          let released = false;
          let written = 0;
          const write = (lease: Lease) =>
            store
              .savePass(lease, {
                state: initialState(),
                begun: [attemptOf((written += 1))],
              })
              .then(
                () => 'written',
                error => (error instanceof LeaseLostError ? 'lost' : error),
              );
          for (const step of steps) {
            const last = leases[leases.length - 1];
            if (step === 'take') {
              const next = new Leases(knex, `p${leases.length}`, -1);
              const taken = (await next.take(last.runId))!;
              assert.equal(taken.token, last.token + 1);
              leases.push(taken);
              released = false;
            } else if (step === 'release') {
              await new Leases(knex, last.owner).release(last);
              released = true;
            } else if (step === 'write') {
              assert.equal(await write(last), released ? 'lost' : 'written');
            } else
              for (const old of leases.slice(0, -1))
                assert.equal(await write(old), 'lost');
          }
        },
      ),
      { numRuns: 25 },
    );
  }, 60_000);

  it('keeps no figure of what a run takes on disk from a portal that lost it', async () => {
    const old = await add(new Leases(knex, 'first', -1));
    await store.savePass(old, {
      state: { ...initialState(), phase: 'Failed' },
    });
    const bytes = async () =>
      (await knex('mlops_runs').where({ id: old.runId }).first('storage_bytes'))
        .storage_bytes;
    // It is written after the lease was given back.
    await new Leases(knex, 'first').release(old);
    await store.setStorage(old, 5);
    expect(Number(await bytes())).toBe(5);
    const taken = (await new Leases(knex, 'second').take(old.runId))!;
    await store.setStorage(old, 7);
    expect(Number(await bytes())).toBe(5);
    await store.setStorage(taken, 8);
    expect(Number(await bytes())).toBe(8);
  });

  it('tells of runs that are over while a step of theirs is still open', async () => {
    const leases = new Leases(knex, 'first');
    const lease = await add(leases);
    await beginStep(lease);
    expect(await store.attempts.listUnsettled()).not.toContain(lease.runId);
    await store.savePass(lease, {
      state: { ...initialState(), phase: 'Failed' },
    });
    expect(await store.attempts.listUnsettled()).toContain(lease.runId);
    await store.attempts.settle(lease, [
      { nodeId: 'n', attempt: 0, state: 'ended' },
    ]);
    expect(await store.attempts.listUnsettled()).not.toContain(lease.runId);
  });

  it('frees the locks of a run that is over, however it ended', async () => {
    const lease = await add(new Leases(knex, 'first'));
    const mutex = [{ name: `m-${lease.runId}`, count: 1, limit: 1 }];
    await store.savePass(lease, {
      state: { ...initialState(), phase: 'Running' },
      locks: mutex,
    });
    const other = await add(new Leases(knex, 'first'));
    const held = () => store.locks.heldByOthers(other.runId);
    expect((await held()).get(mutex[0].name)).toBe(1);
    await store.savePass(lease, {
      state: { ...initialState(), phase: 'Error' },
    });
    expect((await held()).get(mutex[0].name)).toBeUndefined();
  });
});
