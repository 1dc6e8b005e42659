/* A run is over when its steps are told to end. When its portal goes before they did, another one sees to it. */
import {
  waitForEnd,
  type LocalStepRunner,
} from '@backstage-mlops/mlops-executor';
import { existsSync } from 'node:fs';
import type { Lease } from './Leases';
import type { AttemptEnd, StepAttemptRow } from './AttemptStore';
import type { RunStore } from './RunStore';

/** Ends what still runs of a run that is over, and writes down that it ended. LeaseLostError as the store. */
export async function settleSteps(
  lease: Lease,
  using: { store: RunStore; runner: LocalStepRunner; host: string },
): Promise<void> {
  const { store, runner, host } = using;
  const open = (await store.attempts.list(lease.runId)).filter(
    attempt => attempt.state === 'open',
  );
  const ended = await Promise.all(
    open.map(attempt => endOf(attempt, runner, host)),
  );
  await store.attempts.settle(
    lease,
    ended.filter(end => end !== undefined),
  );
}

async function endOf(
  { nodeId, attempt, directory, host: owner }: StepAttemptRow,
  runner: LocalStepRunner,
  host: string,
): Promise<AttemptEnd | undefined> {
  // On another machine's disk: that machine does it, unless it is gone with its disk.
  if (!existsSync(directory) && owner !== host) return undefined;
  if (await runner.abandon(directory))
    return { nodeId, attempt, state: 'abandoned' };
  await runner.stop(directory, 'stopped');
  await waitForEnd(directory);
  const { usage } = await runner.observe(directory);
  return { nodeId, attempt, state: 'ended', usage };
}
