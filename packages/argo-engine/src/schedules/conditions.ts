/*
 * Conditions of a schedule: `when` before each run, `stopStrategy.expression` after each. Source: shouldExecute and
 * checkStopingCondition of Argo's workflow/cron/operator.go.
 */
import {
  evaluateBoolean,
  evaluateExpression,
} from '../expressions/expr/evaluate';
import { atMoment } from '../expressions/expr/time/clock';
import { Moment } from '../expressions/expr/time/Moment';
import { replaceTags, resultText } from '../expressions/tags';
import { evaluateWhen } from '../expressions/when';

/** What the conditions of a schedule can ask for, as `cronworkflow.failed`. @public */
export interface CronFacts {
  name: string;
  namespace: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  /** The last time that led to a run. */
  lastScheduledTime?: Date;
  /** Runs that succeeded, and that did not. */
  succeeded: number;
  failed: number;
}

function environment({ lastScheduledTime, ...facts }: CronFacts) {
  return {
    failed: facts.failed,
    succeeded: facts.succeeded,
    cronworkflow: {
      ...facts,
      lastScheduledTime: lastScheduledTime
        ? new Moment(lastScheduledTime.getTime())
        : null,
    },
  };
}

/**
 * Whether a schedule runs now by its `when`. Error with Argo's words when that cannot be told.
 *
 * @public
 */
export function scheduleMayRun(
  when: string | undefined,
  facts: CronFacts,
  now: Date,
): boolean {
  if (!when) return true;
  const scope = environment(facts);
  const replaced = atMoment(now.getTime(), () =>
    when.replace(/\{\{=([^]*?)\}\}/g, (_tag, source: string) =>
      resultText(evaluateExpression(source, scope)),
    ),
  );
  return evaluateWhen(
    replaceTags(replaced, {
      'cronworkflow.name': facts.name,
      'cronworkflow.namespace': facts.namespace,
      'cronworkflow.failed': String(facts.failed),
      'cronworkflow.succeeded': String(facts.succeeded),
    }),
  );
}

/**
 * Whether a schedule ends for good by its `stopStrategy`. Error when that cannot be told.
 *
 * @public
 */
export function scheduleStops(
  strategy: { expression?: string; condition?: string } | undefined,
  facts: CronFacts,
  now: Date,
): boolean {
  const source = strategy?.expression ?? strategy?.condition;
  if (!source) return false;
  return atMoment(now.getTime(), () =>
    evaluateBoolean(source, environment(facts)),
  );
}
