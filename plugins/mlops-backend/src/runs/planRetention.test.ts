import { planRetention, type OldRun } from './planRetention';

const now = new Date('2026-06-10T00:00:00Z');
const run = (id: string, day: number, more: Partial<OldRun> = {}): OldRun => ({
  id,
  pipeline: 'p',
  finishedAt: `2026-06-${String(day).padStart(2, '0')}T00:00:00Z`,
  stepBytes: 10,
  artifactBytes: 5,
  removed: [],
  succeeded: true,
  ...more,
});
const fired = (id: string, day: number, succeeded: boolean) =>
  run(id, day, { schedule: 'nightly', succeeded });

describe('planRetention', () => {
  it('keeps as many runs of a schedule as its file says, good and bad ones each', () => {
    const runs = [
      fired('g3', 9, true),
      fired('b2', 8, false),
      fired('g2', 7, true),
      run('by-hand', 6),
      fired('b1', 5, false),
      fired('g1', 4, true),
    ];
    const schedules = new Map([['nightly', { succeeded: 1, failed: 1 }]]);
    const plan = planRetention({ schedules }, runs, new Map(), now);
    expect(plan.items).toEqual([
      {
        run: 'g2',
        removes: ['run'],
        bytes: 15,
        why: "schedule 'nightly' keeps 1 of its runs that succeeded",
      },
      {
        run: 'b1',
        removes: ['run'],
        bytes: 15,
        why: "schedule 'nightly' keeps 1 of its runs that failed",
      },
      expect.objectContaining({ run: 'g1' }),
    ]);
    expect(plan.bytes).toBe(45);
  });

  it('keeps none of a schedule that asks for that, and all of one that says nothing', () => {
    const runs = [fired('g', 9, true), fired('b', 8, false)];
    const none = new Map([['nightly', { succeeded: 0 }]]);
    expect(
      planRetention({ schedules: none }, runs, new Map(), now).items.map(
        item => item.run,
      ),
    ).toEqual(['g']);
    expect(planRetention({}, runs, new Map(), now).items).toEqual([]);
  });

  it('leaves what is protected, and says why', () => {
    const schedules = new Map([['nightly', { succeeded: 0 }]]);
    const why = new Map([['g', 'it registered one.m version 1']]);
    expect(
      planRetention({ schedules }, [fired('g', 9, true)], why, now),
    ).toEqual({
      items: [],
      kept: [{ run: 'g', why: 'it registered one.m version 1' }],
      bytes: 0,
    });
  });

  it('takes away what is both old and beyond the newest of its pipeline', () => {
    const policy = { runs: { days: 5, last: 1 } };
    const runs = [
      run('new', 9),
      run('young', 8),
      run('old', 2),
      run('other', 1, { pipeline: 'q' }),
    ];
    expect(planRetention({ policy }, runs, new Map(), now).items).toEqual([
      {
        run: 'old',
        removes: ['run'],
        bytes: 15,
        why: "it is not among the newest 1 of 'p', and it ended more than 5 days ago",
      },
    ]);
  });
});
