import os from 'node:os';
import { FreeSpace } from './FreeSpace';
import { planQueue, type QueuedRun } from './RunQueue';

const limits = { activeRunsPerProject: 10, activeRunsPerPerson: 20 };
const run = (id: number, project: string, by?: string): QueuedRun => ({
  id: String(id),
  project,
  by,
  admitted: false,
});

it('works off 300 runs in their order, and nobody waits behind another project or person', () => {
  // 240 of one project by one person, then 60 of six others.
  let runs = Array.from({ length: 300 }, (_, i) =>
    i < 240
      ? run(i, 'large', 'user:default/jen')
      : run(i, `small-${i % 6}`, `user:default/u${i % 6}`),
  );
  // The small projects begin at once, although 240 were submitted before them.
  const first = planQueue(runs, limits);
  expect(first.admit.length).toBe(70);
  expect(first.places.get('10')).toEqual({
    position: 1,
    message: "Waits as number 1: project 'large' has 10 of 10 active runs.",
  });
  expect(first.places.get('239')!.position).toBe(230);
  const begun: string[] = [];
  while (runs.length > 0) {
    const { admit, places } = planQueue(runs, limits);
    begun.push(...admit);
    const waits = [...places].map(([id]) => Number(id));
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
    // What was let in ends before the next look.
    const gone = new Set(admit);
    runs = runs.filter(({ id }) => !gone.has(id));
  }
  expect(new Set(begun).size).toBe(300);
  const large = begun.map(Number).filter(id => id < 240);
  expect(large).toEqual([...large].sort((a, b) => a - b));
});

it('holds runs that nobody started against no person', () => {
  const nightly = Array.from({ length: 30 }, (_, i) => run(i, `p${i}`));
  expect(planQueue(nightly, limits).admit.length).toBe(30);
  const own = Array.from({ length: 21 }, (_, i) => run(i + 30, `p${i}`, 'jen'));
  const { admit, places } = planQueue([...nightly, ...own], limits);
  expect(admit.length).toBe(50);
  expect([...places]).toEqual([
    [
      '50',
      {
        position: 1,
        message: 'Waits as number 1: jen has 20 of 20 active runs.',
      },
    ],
  ]);
});

it('lets nobody begin while the disk is short of room, and says so with both numbers', async () => {
  expect(await new FreeSpace(os.tmpdir(), 1).complaint()).toBeUndefined();
  expect(await new FreeSpace('/no/such/place').complaint()).toBeUndefined();
  const hold = (await new FreeSpace(os.tmpdir(), 2 ** 60).complaint())!;
  expect(hold).toMatch(
    /^The disk has \d+ MiB left; runs begin when it has 1099511627776 MiB \(mlops\.limits\.freeBytes\)\.$/,
  );
  const active = { ...run(0, 'a', 'x'), admitted: true };
  const { admit, places } = planQueue(
    [active, run(1, 'a', 'x'), run(2, 'b', 'y')],
    limits,
    hold,
  );
  expect(admit).toEqual([]);
  expect([...places]).toEqual([
    ['1', { position: 1, message: `Waits as number 1: ${hold}` }],
    ['2', { position: 2, message: `Waits as number 2: ${hold}` }],
  ]);
});
