/* A run is over when its steps are told to end. When its portal goes before they did, another one sees to it. */
import {
  waitForEnd,
  type LocalStepRunner,
} from '@backstage-mlops/mlops-executor';
import type { Lease } from './Leases';
import {
  isOfEarlierBoot,
  type AttemptEnd,
  type StepAttemptRow,
} from './AttemptStore';
import type { RunStore } from './RunStore';
import { isElsewhere, marginSeconds } from './UnseenSteps';

/** Ends what still runs of a run that is over, and writes down that it ended. LeaseLostError as the store. */
export async function settleSteps(
  lease: Lease,
  using: {
    store: RunStore;
    runner: LocalStepRunner;
    host: string;
    /** A step that sees no portal for so long ends. */
    orphanSeconds: number;
  },
): Promise<void> {
  const { store } = using;
  const open = (await store.attempts.list(lease.runId)).filter(
    attempt => attempt.state === 'open',
  );
  const ended = await Promise.all(
    open.map(attempt => endOf(lease, attempt, using)),
  );
  await store.attempts.settle(
    lease,
    ended.filter(end => end !== undefined),
  );
}

async function endOf(
  lease: Lease,
  row: StepAttemptRow,
  { store, runner, host, orphanSeconds }: Parameters<typeof settleSteps>[1],
): Promise<AttemptEnd | undefined> {
  const { nodeId, attempt, directory } = row;
  // On another machine's disk: that machine does it, unless it is gone for good.
  if (isElsewhere(row, host)) {
    const end = await store.attempts.lookAtUnseen(
      lease,
      row,
      orphanSeconds + marginSeconds,
    );
    return end === 'gone' ? { nodeId, attempt, state: 'abandoned' } : undefined;
  }
  if (isOfEarlierBoot(row)) await runner.endWithMachine(nodeId, directory);
  else if (await runner.abandon(directory))
    return { nodeId, attempt, state: 'abandoned' };
  await runner.stop(directory, 'stopped');
  await waitForEnd(directory);
  const { usage } = await runner.observe(directory);
  return { nodeId, attempt, state: 'ended', usage };
}
