/* Whether a schedule runs now. Pure: the clock, what was before, and what git says are given. */
import {
  lastTime,
  scheduleMayRun,
  scheduleStops,
  type CronFacts,
} from '@backstage-mlops/argo-engine';

/** What decides. */
export interface ScheduleInput {
  /** `spec` of the CronWorkflow. */
  spec: Record<string, any>;
  facts: CronFacts;
  /** Times up to here are done with. */
  lastScheduled: Date;
  /** Since when the portal has looked without a pause; times before it were missed. */
  awakeSince: Date;
  now: Date;
  /** Ids of its runs that are not over. */
  active: string[];
}

/** What to do: nothing, let times pass, or run for one of them. */
export type ScheduleDecision =
  | { do: 'nothing' }
  | { do: 'pass'; to: Date; why: string }
  | { do: 'stop'; why: string }
  | { do: 'run'; at: Date; replace: string[] };

/** The times of a CronWorkflow, in old or new spelling. */
export const timesOf = (spec: Record<string, any>) => ({
  schedules: (spec.schedules ?? [spec.schedule].filter(Boolean)) as string[],
  timezone: spec.timezone as string | undefined,
});

/** Decides for the last time that has come; earlier ones that were missed are let go, as Argo does it. */
export function decideSchedule(input: ScheduleInput): ScheduleDecision {
  const { spec, facts, lastScheduled, now, active } = input;
  if (scheduleStops(spec.stopStrategy, facts, now))
    return { do: 'stop', why: 'its stopStrategy is met' };
  const at = lastTime(timesOf(spec), { after: lastScheduled, until: now });
  if (!at) return { do: 'nothing' };
  const pass = (why: string): ScheduleDecision => ({ do: 'pass', to: at, why });
  if (spec.suspend) return pass('it is suspended');
  if (at < input.awakeSince && !isInTime(spec, at, now))
    return pass(
      spec.startingDeadlineSeconds > 0
        ? `the portal did not run, and the ${spec.startingDeadlineSeconds} s of startingDeadlineSeconds are over`
        : 'the portal did not run, and without startingDeadlineSeconds nothing is made up for',
    );
  if (!scheduleMayRun(spec.when, facts, now)) return pass('its when is false');
  const policy = spec.concurrencyPolicy || 'Allow';
  if (policy === 'Forbid' && active.length > 0)
    return pass(`run '${active[0]}' is not over`);
  return { do: 'run', at, replace: policy === 'Replace' ? active : [] };
}

const isInTime = (spec: Record<string, any>, at: Date, now: Date) =>
  spec.startingDeadlineSeconds > 0 &&
  now.getTime() - at.getTime() <= spec.startingDeadlineSeconds * 1000;
