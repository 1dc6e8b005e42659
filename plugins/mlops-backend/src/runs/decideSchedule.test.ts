import { decideSchedule, type ScheduleInput } from './decideSchedule';

const at = (time: string) => new Date(`2026-01-01T${time}Z`);
const facts = {
  name: 'nightly',
  namespace: 'default',
  labels: {},
  annotations: {},
  succeeded: 0,
  failed: 0,
};
const decide = (
  spec: Record<string, unknown>,
  more: Partial<ScheduleInput> = {},
) =>
  decideSchedule({
    spec: { schedules: ['0 * * * *'], ...spec },
    facts,
    lastScheduled: at('00:00:00'),
    awakeSince: at('00:00:00'),
    now: at('01:00:05'),
    active: [],
    ...more,
  });

describe('a schedule', () => {
  it('runs once its time has come, not before, and once for times that passed together', () => {
    expect(decide({}, { now: at('00:59:59') })).toEqual({ do: 'nothing' });
    expect(decide({})).toEqual({ do: 'run', at: at('01:00:00'), replace: [] });
    expect(decide({}, { now: at('04:10:00') })).toMatchObject({
      do: 'run',
      at: at('04:00:00'),
    });
    expect(decide({ schedules: undefined, schedule: '0 * * * *' })).toEqual(
      decide({}),
    );
  });

  it('makes up for the last time that was missed within startingDeadlineSeconds alone', () => {
    const away = { awakeSince: at('04:10:00'), now: at('04:10:00') };
    expect(decide({ startingDeadlineSeconds: 600 }, away)).toMatchObject({
      do: 'run',
      at: at('04:00:00'),
    });
    expect(decide({ startingDeadlineSeconds: 599 }, away)).toEqual({
      do: 'pass',
      to: at('04:00:00'),
      why: 'the portal did not run, and the 599 s of startingDeadlineSeconds are over',
    });
    expect(decide({}, away)).toEqual({
      do: 'pass',
      to: at('04:00:00'),
      why: 'the portal did not run, and without startingDeadlineSeconds nothing is made up for',
    });
  });

  it('lets a time pass while it is suspended, its when is false, or a run is not over under Forbid', () => {
    const why = (spec: object, more?: Partial<ScheduleInput>) => {
      const decision = decide({ ...spec }, more);
      return decision.do === 'pass' ? decision.why : decision.do;
    };
    const active = ['run-1', 'run-2'];
    expect(why({ suspend: true })).toBe('it is suspended');
    expect(why({ when: '{{= cronworkflow.failed > 0 }}' })).toBe(
      'its when is false',
    );
    expect(why({ concurrencyPolicy: 'Forbid' }, { active })).toBe(
      "run 'run-1' is not over",
    );
    expect(why({ concurrencyPolicy: 'Forbid' })).toBe('run');
    expect(why({}, { active })).toBe('run');
  });

  it('ends what runs under Replace, and nothing else', () => {
    const active = ['run-1', 'run-2'];
    expect(decide({ concurrencyPolicy: 'Replace' }, { active })).toMatchObject({
      do: 'run',
      replace: active,
    });
    expect(decide({ concurrencyPolicy: 'Allow' }, { active })).toMatchObject({
      do: 'run',
      replace: [],
    });
  });

  it('ends for good when its stopStrategy is met', () => {
    const stopStrategy = { expression: 'cronworkflow.failed >= 2' };
    expect(decide({ stopStrategy })).toMatchObject({ do: 'run' });
    expect(
      decide({ stopStrategy }, { facts: { ...facts, failed: 2 } }),
    ).toEqual({ do: 'stop', why: 'its stopStrategy is met' });
  });
});
