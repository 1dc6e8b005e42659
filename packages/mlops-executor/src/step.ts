/*
 * The caller's side of an attempt: start its executor, read what it wrote down, ask it to end. Everything goes through the
 * attempt's directory, so a caller that was started later knows as much as the one that began.
 */
import { spawn } from 'node:child_process';
import { existsSync, watch } from 'node:fs';
import { mkdir, open, readFile, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { StepObservation, StepSpec } from './types';

const program = path.resolve(__dirname, '../bin/executor.mjs');

/** Writes the specification and starts the executor; resolves when the process exists. @public */
export async function startStep(spec: StepSpec): Promise<void> {
  await mkdir(path.join(spec.directory, 'fs'), { recursive: true });
  const file = path.join(spec.directory, 'spec.json');
  await writeFile(`${file}.part`, JSON.stringify(spec), { mode: 0o600 });
  await rename(`${file}.part`, file);
  const complaints = await open(path.join(spec.directory, 'executor.log'), 'a', 0o600);
  try {
    const child = spawn(process.execPath, [program, spec.directory], {
      detached: true,
      stdio: ['ignore', complaints.fd, complaints.fd],
      // Nothing of the caller's environment reaches a step.
      env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
      cwd: spec.directory,
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    child.unref();
  } finally {
    await complaints.close();
  }
}

interface StartRecord {
  pid: number;
  ticks?: number;
  startedAt: string;
}

/** What is known of an attempt. @public */
export async function readStep(directory: string): Promise<StepObservation> {
  const exit = await readJson<StepObservation>(path.join(directory, 'exit.json'));
  if (exit) return { ...exit, state: 'exited' };
  const start = await readJson<StartRecord>(path.join(directory, 'start.json'));
  if (!start) return (await isYoung(directory)) ? { state: 'starting' } : { state: 'lost' };
  if (await isSameProcess(start)) return { state: 'running', startedAt: start.startedAt };
  // It may have written its end between the two looks.
  const late = await readJson<StepObservation>(path.join(directory, 'exit.json'));
  return late ? { ...late, state: 'exited' } : { state: 'lost', startedAt: start.startedAt };
}

/** Standard output of a finished attempt, at most 256 KiB, one newline at its end cut. @public */
export async function readResult(directory: string): Promise<string> {
  const text = await readFile(path.join(directory, 'stdout'), 'utf8').catch(() => '');
  return text.endsWith('\n') ? text.slice(0, -1) : text;
}

/** Asks an attempt to end: TERM first, KILL after the grace time (default 10 s). Does nothing when it is over. @public */
export async function stopStep(
  directory: string,
  options: { graceSeconds?: number; reason?: NonNullable<StepObservation['reason']> } = {},
): Promise<void> {
  const start = await readJson<StartRecord>(path.join(directory, 'start.json'));
  if (!start || existsSync(path.join(directory, 'exit.json')) || !(await isSameProcess(start))) return;
  await writeFile(path.join(directory, 'stop.json'), JSON.stringify({ reason: options.reason ?? 'stopped', graceSeconds: options.graceSeconds ?? 10 }));
  try {
    process.kill(start.pid, 'SIGTERM');
  } catch {
    // It went meanwhile.
  }
}

/** Resolves when the attempt is over (exited or lost) or the signal aborts. @public */
export async function waitForEnd(directory: string, signal?: AbortSignal): Promise<void> {
  const isOver = async () => ['exited', 'lost'].includes((await readStep(directory)).state);
  while (!signal?.aborted && !(await isOver())) await changeIn(directory, signal);
}

// A change of the folder wakes at once; the slow look finds an executor that was killed and wrote nothing.
function changeIn(directory: string, signal?: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const watcher = watch(directory, (_event, name) => (name === null || name === 'exit.json') && done());
    const timer = setTimeout(() => done(), existsSync(path.join(directory, 'exit.json')) ? 0 : 1000);
    function done() {
      clearTimeout(timer);
      watcher.close();
      signal?.removeEventListener('abort', done);
      resolve();
    }
    watcher.once('error', done);
    signal?.addEventListener('abort', done);
  });
}

async function readJson<T>(file: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as T;
  } catch {
    return undefined;
  }
}

async function isYoung(directory: string): Promise<boolean> {
  const { mtimeMs } = await stat(path.join(directory, 'spec.json')).catch(() => ({ mtimeMs: 0 }));
  return Date.now() - mtimeMs < 10_000;
}

async function isSameProcess({ pid, ticks }: StartRecord): Promise<boolean> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (text === undefined) return existsSync('/proc/self') ? false : isAlive(pid);
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields[0] !== 'Z' && Number(fields[19]) === ticks;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
