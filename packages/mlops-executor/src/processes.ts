/* Whether a process is still the one that was written down, and the end of what an executor left behind when it was killed. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { programFile } from './programFile';

const run = promisify(execFile);
const sweeper = programFile('processes.cjs');

let boot: string | undefined;

/** Names the present boot of the machine; undefined where it has no such name. @public */
export function bootId(): string | undefined {
  try {
    boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    // Not Linux.
  }
  return boot;
}

/** Whether the process lives and began when the record says: numbers of processes are used again. */
export async function isSameProcess(record: {
  pid: number;
  began?: string;
}): Promise<boolean> {
  return (
    record.began !== undefined && (await beginOf(record.pid)) === record.began
  );
}

/** When a process began, as the system tells it; undefined when there is none. */
export async function beginOf(pid: number): Promise<string | undefined> {
  if (!existsSync('/proc/self/stat')) {
    const listed = await run('ps', ['-o', 'lstart=', '-p', String(pid)]).catch(
      () => ({ stdout: '' }),
    );
    return listed.stdout.trim() || undefined;
  }
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  // A dead child that nobody waited for is not alive.
  return fields[0] === 'Z' ? undefined : fields[19];
}

/** Ends the processes of an attempt that ran without a room of its own and lost its executor. */
export async function killLeftovers(attemptId: string): Promise<void> {
  await run(process.execPath, [sweeper, attemptId], { timeout: 30_000 });
}
