import path from 'node:path';
import { TestDatabases } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import { databaseNow, LeaseLostError, Leases } from './Leases';

const ids = ['SQLITE_3', 'POSTGRES_17'] as const;
const databases = TestDatabases.create({ ids: [...ids] });
const hour = 3_600_000;

it('names the run that another portal goes on with', () => {
  const error = new LeaseLostError('r1');
  expect(error).toBeInstanceOf(Error);
  expect(error.message).toBe("another portal goes on with run 'r1'");
});

describe.each(ids)('leases on %s', database => {
  let knex: Knex;

  beforeAll(async () => {
    knex = await databases.init(database);
    await knex.migrate.latest({
      directory: path.resolve(__dirname, '../../migrations'),
    });
  });

  const addRun = (id: string, phase: string) =>
    knex('mlops_runs').insert({
      id,
      project: 'p',
      pipeline: 'train',
      phase,
      ref: 'main',
      commit: '0'.repeat(40),
      file: 'a.yaml',
      parameters: '[]',
      trigger_kind: 'person',
      trigger_by: 'user:default/guest',
      tracking_run_id: 't',
      experiment_id: '1',
      isolation: 'none',
      notes: '[]',
      created_at: '2026-01-01T00:00:00.000Z',
      workflow: '{}',
      state: '{}',
    });

  beforeEach(async () => {
    await knex('mlops_runs').delete();
    await addRun('r1', 'Running');
    await addRun('r2', 'Running');
    await addRun('r3', 'Succeeded');
  });

  const row = (id: string) => knex('mlops_runs').where({ id }).first();
  const endsIn = async (id: string): Promise<number> => {
    const { ms } = await knex('mlops_runs')
      .where({ id })
      .first(
        knex.raw(`lease_until - ${databaseNow(knex)} as ms`) as unknown as 'ms',
      );
    return Number(ms);
  };
  const expire = (id: string) =>
    knex('mlops_runs')
      .where({ id })
      .update({ lease_until: knex.raw(`${databaseNow(knex)} - 1000`) });

  it('gives a run to one portal only, with a token that grows', async () => {
    const [one, two] = [new Leases(knex, 'one'), new Leases(knex, 'two')];
    const lease = await one.take('r1');
    expect(lease).toEqual({ runId: 'r1', owner: 'one', token: 1 });
    expect(await two.take('r1')).toBeUndefined();
    expect(await one.take('r1')).toBeUndefined();
    expect(await row('r1')).toMatchObject({ lease_owner: 'one' });
    expect((await row('r2')).lease_owner).toBeNull();
    await expire('r1');
    expect(await two.take('r1')).toMatchObject({ owner: 'two', token: 2 });
  });

  it('ends a lease after its time by the clock of the database', async () => {
    await new Leases(knex, 'one').take('r1');
    const left = await endsIn('r1');
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(10_000);
    await new Leases(knex, 'one', hour).take('r2');
    expect(await endsIn('r2')).toBeGreaterThan(hour / 2);
  });

  it('lists the runs that are not over and that nobody has, oldest first', async () => {
    const leases = new Leases(knex, 'one');
    expect(await leases.listFree()).toEqual(['r1', 'r2']);
    expect(await leases.listFree(1)).toEqual(['r1']);
    await leases.take('r1');
    expect(await leases.listFree()).toEqual(['r2']);
    await expire('r1');
    expect(await leases.listFree()).toEqual(['r1', 'r2']);
  });

  it('lists runs that have not begun, fifty at a time', async () => {
    for (let at = 4; at < 60; at += 1) await addRun(`r${at}`, 'Pending');
    const free = await new Leases(knex, 'one').listFree();
    expect(free.slice(0, 3)).toEqual(['r1', 'r2', 'r4']);
    expect(free).toHaveLength(50);
  });

  it('takes a run from the portal that has it under the token that was seen', async () => {
    const seen = (await new Leases(knex, 'lost').take('r1'))!;
    const next = new Leases(knex, 'next');
    expect(await next.seize('r1', seen.token + 1)).toBeUndefined();
    expect(await row('r1')).toMatchObject({ lease_owner: 'lost' });
    const lease = await next.seize('r1', seen.token);
    expect(lease).toEqual({ runId: 'r1', owner: 'next', token: 2 });
    expect(await endsIn('r1')).toBeGreaterThan(0);
    expect(await new Leases(knex, 'late').seize('r1', seen.token)).toBe(
      undefined,
    );
    await next.release(lease!);
    expect(await row('r1')).toMatchObject({
      lease_owner: null,
      lease_token: 2,
    });
  });

  it('keeps the leases of its own portal on the runs that it works on', async () => {
    await new Leases(knex, 'one').take('r1');
    await new Leases(knex, 'one').take('r3');
    await new Leases(knex, 'two').take('r2');
    for (const id of ['r1', 'r2', 'r3']) await expire(id);
    await new Leases(knex, 'one').renew(['r1', 'r2']);
    expect(await endsIn('r1')).toBeGreaterThan(0);
    expect(await endsIn('r2')).toBeLessThan(0);
    expect(await endsIn('r3')).toBeLessThan(0);
  });

  it('gives a lease back only with the token that it was taken with', async () => {
    const leases = new Leases(knex, 'one');
    const old = (await leases.take('r1'))!;
    await expire('r1');
    const next = (await leases.take('r1'))!;
    await leases.release(old);
    expect((await row('r1')).lease_owner).toBe('one');
    await leases.release({ ...next, owner: 'two' });
    expect((await row('r1')).lease_owner).toBe('one');
    await leases.release(next);
    expect(await row('r1')).toMatchObject({
      lease_owner: null,
      lease_until: null,
    });
    expect(await leases.take('r1')).toMatchObject({ token: 3 });
  });

  it('ends all leases where one portal has the database alone', async () => {
    await new Leases(knex, 'dead').take('r1');
    await new Leases(knex, 'dead').take('r2');
    await new Leases(knex, 'one').releaseAll();
    expect(await new Leases(knex, 'one').listFree()).toEqual(['r1', 'r2']);
  });
});
