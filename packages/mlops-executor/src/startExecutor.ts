/*
 * Starts executors. The start of a Node.js is half of what a short step takes, so while steps are started one more executor
 * stands by: it is told its attempt's directory when there is one, and is from then on what any other executor is. It ends by
 * itself when this process is gone, and is let go when no step comes for a while. Should it not answer, another one is
 * started: both link the same start record, so the attempt runs once.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { open } from 'node:fs/promises';
import type { Socket } from 'node:net';
import path from 'node:path';
import { programFile } from './programFile';

const program = programFile('executor.cjs');
const standByMs = 2_000;
const answerMs = 3_000;

// Nothing of the caller's environment reaches a step.
const env = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
};

let standby: Standby | undefined;

/** Starts the executor of an attempt whose specification is written; resolves when the process exists. */
export async function startExecutor(directory: string): Promise<void> {
  const ready = standby;
  standby = undefined;
  if (!(await ready?.take(directory))) await startAnew(directory);
  prepare();
}

// A step that finds nobody standing by starts all the same.
function prepare(): void {
  try {
    standby ??= new Standby(gone => {
      if (standby === gone) standby = undefined;
    });
  } catch {
    // The machine gives no more processes now.
  }
}

async function startAnew(directory: string): Promise<void> {
  const complaints = await open(
    path.join(directory, 'executor.log'),
    'a',
    0o600,
  );
  try {
    const child = spawn(process.execPath, [program, directory], {
      detached: true,
      stdio: ['ignore', complaints.fd, complaints.fd],
      env,
      cwd: directory,
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

/** An executor that has no attempt yet. */
class Standby {
  private readonly child: ChildProcess;
  private readonly timer: NodeJS.Timeout;
  private readonly end: Promise<false>;

  constructor(onEnd: (gone: Standby) => void) {
    this.child = spawn(process.execPath, [program], {
      detached: true,
      stdio: ['pipe', 'pipe', 'ignore'],
      env,
      cwd: '/',
    });
    const { child } = this;
    this.end = new Promise(resolve => {
      const ended = () => {
        onEnd(this);
        resolve(false);
      };
      child.once('error', ended);
      child.once('exit', ended);
    });
    // A machine that gives no more processes or files may give none of the two.
    for (const pipe of [child.stdin, child.stdout]) pipe?.on('error', () => {});
    this.timer = setTimeout(() => {
      onEnd(this);
      this.letGo();
    }, standByMs);
    this.timer.unref();
    // A caller that has nothing else to do may end.
    for (const handle of this.handles) handle.unref();
  }

  private get handles(): { ref(): unknown; unref(): unknown }[] {
    const { child } = this;
    return [child, child.stdin as Socket, child.stdout as Socket].filter(
      Boolean,
    );
  }

  /** Gives it an attempt; false when it did not take it. */
  async take(directory: string): Promise<boolean> {
    clearTimeout(this.timer);
    const { stdin, stdout } = this.child;
    if (!stdin || !stdout) return false;
    for (const handle of this.handles) handle.ref();
    let patience: NodeJS.Timeout | undefined;
    const answer = Promise.race([
      this.end,
      new Promise<boolean>(resolve => {
        stdout.once('data', () => resolve(true));
        patience = setTimeout(resolve, answerMs, false);
      }),
    ]);
    stdin.write(`${directory}\n`);
    try {
      return await answer;
    } finally {
      clearTimeout(patience);
      this.letGo();
    }
  }

  // Without an attempt it ends at the end of its input.
  private letGo(): void {
    this.child.stdin?.destroy();
    this.child.stdout?.destroy();
    this.child.unref();
  }
}
