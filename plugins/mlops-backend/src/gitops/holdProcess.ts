import type { ChildProcess } from 'node:child_process';

interface Handle {
  ref(): void;
  unref(): void;
}

/** Says whether somebody waits for a process: one that nobody waits for keeps nobody from ending. */
export function holdProcess(child: ChildProcess, isHeld: boolean): void {
  for (const part of [child, child.stdin, child.stdout, child.stderr]) {
    const handle = part as unknown as Handle | null;
    if (isHeld) handle?.ref();
    else handle?.unref();
  }
}
