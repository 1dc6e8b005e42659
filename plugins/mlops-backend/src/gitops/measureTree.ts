/*
 * How much a commit stands for. A few hundred bytes can stand for more files than a disk has room for, and git would gather them all
 * before it writes the first, so they are counted before and the count ends where a limit is passed.
 */
import { spawn } from 'node:child_process';

/** Limits of what is written for a step. */
export interface TreeLimits {
  bytes: number;
  /** Files and folders. */
  entries: number;
}

/** Throws when the files of a commit are more than the limits. */
export async function measureTree(
  { args, env }: { args: string[]; env: NodeJS.ProcessEnv },
  commit: string,
  limits: TreeLimits,
): Promise<void> {
  const child = spawn('git', [...args, 'ls-tree', '-rtlz', commit], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('close', resolve);
    child.once('error', reject);
  });
  const count = new Count();
  let passed: string | undefined;
  try {
    for await (const chunk of child.stdout) {
      count.take(chunk.toString('latin1'));
      passed = count.passed(limits);
      if (passed) break;
    }
  } finally {
    child.kill('SIGKILL');
  }
  const code = await ended;
  if (passed) throw new Error(`the commit holds more than ${passed}`);
  if (code !== 0 && code !== null)
    throw new Error(`the files of commit ${commit} cannot be listed`);
}

class Count {
  private bytes = 0;
  private entries = 0;
  private rest = '';

  /** Part of `<mode> <type> <id> <size>\t<path>` entries, each ended by a zero byte. */
  take(part: string): void {
    const all = (this.rest + part).split('\0');
    this.rest = all.pop()!;
    this.entries += all.length;
    for (const entry of all) {
      const [, size] = /^\d+ blob [0-9a-f]+ +(\d+)\t/.exec(entry) ?? [];
      this.bytes += Number(size ?? 0);
    }
  }

  passed({ bytes, entries }: TreeLimits): string | undefined {
    if (this.entries > entries) return `${entries} files and folders`;
    return this.bytes > bytes ? `${bytes} bytes of files` : undefined;
  }
}
