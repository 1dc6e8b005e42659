/*
 * The caller's side of an attempt: start its executor, read what it wrote down, ask it to end. Everything goes through the
 * attempt's directory, so a caller that was started later knows as much as the one that began.
 */
import { existsSync } from 'node:fs';
import { link, mkdir, readFile, stat, unlink } from 'node:fs/promises';
import path from 'node:path';
import { FolderWatch } from './FolderWatch';
import { bootId, isSameProcess } from './processes';
import { readRecord, writeRecord } from './records';
import { startExecutor } from './startExecutor';
import type { StepObservation, StepSpec } from './types';

/** Writes the specification and starts the executor; resolves when the process exists. @public */
export async function startStep(spec: StepSpec): Promise<void> {
  await mkdir(path.join(spec.directory, 'fs'), { recursive: true });
  await writeRecord(path.join(spec.directory, 'spec.json'), spec);
  await startExecutor(spec.directory);
}

interface StartRecord {
  pid: number;
  /** When the process began, as `processes` tells it. */
  began?: string;
  /** Names the boot of the machine. */
  boot?: string;
  /** ISO 8601. */
  startedAt: string;
}

/**
 * Gives an attempt up before it begins. True when it will never run; false when it began, so it can be adopted.
 *
 * @public
 */
export async function abandonStep(directory: string): Promise<boolean> {
  await mkdir(directory, { recursive: true });
  const now = new Date().toISOString();
  const part = path.join(directory, `start.json.abandoned-${process.pid}`);
  await writeRecord(part, { pid: 0, startedAt: now });
  try {
    await link(part, path.join(directory, 'start.json'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      const start = await readRecord<StartRecord>(
        path.join(directory, 'start.json'),
      );
      return start?.pid === 0;
    }
    throw error;
  } finally {
    await unlink(part);
  }
  await writeRecord(
    path.join(directory, 'exit.json'),
    { exitCode: 64, reason: 'abandoned', startedAt: now, finishedAt: now },
    { durable: true },
  );
  return true;
}

/** What is known of an attempt. @public */
export async function readStep(directory: string): Promise<StepObservation> {
  const exitFile = path.join(directory, 'exit.json');
  const exit = await readRecord<StepObservation>(exitFile);
  if (exit) return { ...exit, state: 'exited' };
  const start = await readRecord<StartRecord>(
    path.join(directory, 'start.json'),
  );
  if (!start)
    return { state: (await isYoung(directory)) ? 'starting' : 'lost' };
  if (await isSameProcess(start))
    return { state: 'running', startedAt: start.startedAt };
  // It may have written its end between the two looks.
  const late = await readRecord<StepObservation>(exitFile);
  if (late) return { ...late, state: 'exited' };
  const rebooted = start.boot !== undefined && start.boot !== bootId();
  return { state: 'lost', startedAt: start.startedAt, rebooted };
}

// An executor writes its start record within milliseconds; ten seconds are for a machine on its knees.
async function isYoung(directory: string): Promise<boolean> {
  const spec = path.join(directory, 'spec.json');
  const { mtimeMs } = await stat(spec).catch(() => ({ mtimeMs: 0 }));
  return Date.now() - mtimeMs < 10_000;
}

/**
 * The end of a finished attempt's standard output: at most 256 KiB, after one newline at its end was cut. Empty when the
 * specification did not ask for it.
 *
 * @public
 */
export async function readResult(directory: string): Promise<string> {
  const bytes = await readFile(path.join(directory, 'stdout')).catch(() =>
    Buffer.alloc(0),
  );
  const end = bytes.at(-1) === 10 ? bytes.length - 1 : bytes.length;
  return bytes.subarray(Math.max(0, end - 256 * 1024), end).toString('utf8');
}

/** @public */
export interface StopOptions {
  /** Seconds between TERM and KILL; default 10. */
  graceSeconds?: number;
  reason?: NonNullable<StepObservation['reason']>;
}

/**
 * Asks an attempt to end: TERM first, KILL after the grace time. Does nothing when it is over; an attempt whose executor is
 * just starting ends before its command begins.
 *
 * @public
 */
export async function stopStep(
  directory: string,
  { reason = 'stopped', graceSeconds = 10 }: StopOptions = {},
): Promise<void> {
  if (existsSync(path.join(directory, 'exit.json'))) return;
  // First the wish, then the look: the executor does it the other way round, so one of the two sees the other.
  await writeRecord(path.join(directory, 'stop.json'), {
    reason,
    graceSeconds,
  });
  const start = await readRecord<StartRecord>(
    path.join(directory, 'start.json'),
  );
  if (!start || !(await isSameProcess(start))) return;
  try {
    process.kill(start.pid, 'SIGTERM');
  } catch {
    // It went meanwhile.
  }
}

/** Resolves when the attempt is over (exited or lost) or the signal aborts. @public */
export async function waitForEnd(
  directory: string,
  signal?: AbortSignal,
): Promise<void> {
  // A change of the folder wakes at once; the slow look finds an executor that was killed and wrote nothing.
  const watch = new FolderWatch(directory, ['exit.json']);
  try {
    while (!signal?.aborted && !(await isOver(directory)))
      await watch.next(1000, signal);
  } finally {
    watch.close();
  }
}

/** Whether an attempt will not change any more. */
export async function isOver(directory: string): Promise<boolean> {
  return ['exited', 'lost'].includes((await readStep(directory)).state);
}
