/*
 * Steps on the disk of another machine, whose portal does not answer. Their processes may still run: an executor that finds no portal
 * ends its step after the orphan time, so only then may the step be called gone and perhaps run again. Until then its own machine
 * may come back: it takes the run over again when all open steps of it are there, else it ends its step and says so.
 */
import type { LocalStepRunner } from '@backstage-mlops/mlops-executor';
import { waitForEnd } from '@backstage-mlops/mlops-executor';
import { existsSync } from 'node:fs';
import { isDatabaseTrouble } from '../isDatabaseTrouble';
import type { AttemptStore, StepAttemptRow } from './AttemptStore';
import { LeaseLostError, type Lease, type Leases } from './Leases';

const lookMs = 2000;
/** An executor looks for a portal now and then, and then ends its step, which takes up to 12 s. */
export const marginSeconds = 30;

/** Whether only another machine can look after an attempt. */
export const isElsewhere = (
  { directory, host }: StepAttemptRow,
  own: string,
): boolean => host !== undefined && host !== own && !existsSync(directory);

export interface WaitOptions {
  attempts: AttemptStore;
  /** A step that sees no portal for so long ends. */
  orphanSeconds: number;
  signal: AbortSignal;
  /** Told when the database does not answer; the wait goes on. */
  onTrouble(error: Error): void;
}

/**
 * Waits until an attempt elsewhere is over for sure, and says how; undefined when the signal aborts. LeaseLostError when its machine
 * took the run over again.
 */
export async function waitForUnseen(
  lease: Lease,
  attempt: StepAttemptRow,
  { attempts, orphanSeconds, signal, onTrouble }: WaitOptions,
): Promise<string | undefined> {
  while (!signal.aborted) {
    try {
      const end = await attempts.lookAtUnseen(
        lease,
        attempt,
        orphanSeconds + marginSeconds,
      );
      if (end === 'given-up')
        return `the machine '${attempt.host}' came back when another portal led the run, so it ended the step`;
      if (end === 'gone')
        return `the machine '${attempt.host}' that ran the step is gone`;
    } catch (error) {
      if (error instanceof LeaseLostError || !isDatabaseTrouble(error))
        throw error;
      onTrouble(error as Error);
    }
    await pause(lookMs, signal);
  }
  return undefined;
}

/**
 * Looks after steps of this machine that another portal waits for. Gives a lease of each run that goes on here; the steps of others
 * are ended.
 */
export async function reclaimSteps(using: {
  attempts: AttemptStore;
  leases: Leases;
  runner: LocalStepRunner;
  host: string;
}): Promise<Lease[]> {
  const { attempts, leases, runner, host } = using;
  const taken: Lease[] = [];
  for (const { runId, token } of await attempts.listMissed(host)) {
    const open = (await attempts.list(runId)).filter(
      ({ state }) => state === 'open',
    );
    const here = open.filter(
      attempt => attempt.host === host && existsSync(attempt.directory),
    );
    const lease =
      here.length > 0 && here.length === open.length
        ? await leases.seize(runId, token)
        : undefined;
    if (lease) {
      taken.push(lease);
      continue;
    }
    for (const attempt of open.filter(item => item.host === host)) {
      if (existsSync(attempt.directory)) await endStep(runner, attempt);
      await attempts.giveUp(runId, attempt);
    }
  }
  return taken;
}

async function endStep(
  runner: LocalStepRunner,
  { directory }: StepAttemptRow,
): Promise<void> {
  if (await runner.abandon(directory)) return;
  await runner.stop(directory, 'stopped');
  await waitForEnd(directory);
}

const pause = (ms: number, signal: AbortSignal) =>
  new Promise<void>(resolve => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
