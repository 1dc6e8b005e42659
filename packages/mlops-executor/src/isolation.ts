import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);
let known: Promise<{ available: boolean; reason?: string }> | undefined;

/** Whether this machine gives steps a room of their own, and if not, why. Asked once. @public */
export async function probeIsolation(): Promise<{
  available: boolean;
  reason?: string;
}> {
  known ??= probe();
  return known;
}

async function probe(): Promise<{ available: boolean; reason?: string }> {
  if (process.platform !== 'linux')
    return {
      available: false,
      reason: `steps are isolated on Linux only, this is ${process.platform}`,
    };
  for (const program of [
    '/usr/bin/unshare',
    '/usr/bin/setpriv',
    '/usr/sbin/pivot_root',
    '/bin/mount',
  ])
    if (!existsSync(program))
      return {
        available: false,
        reason: `${program} is missing (package util-linux)`,
      };
  const names = ['--mount', '--pid', '--ipc', '--fork', '--kill-child'];
  if (process.getuid?.() !== 0) names.unshift('--user', '--map-root-user');
  try {
    await run(
      '/usr/bin/unshare',
      [
        ...names,
        '--',
        '/bin/sh',
        '-c',
        '/bin/mount --make-rprivate / && /bin/mount -t proc proc /proc',
      ],
      { timeout: 10_000 },
    );
    return { available: true };
  } catch (error) {
    return {
      available: false,
      reason: `the kernel refuses namespaces: ${String(
        (error as { stderr?: string }).stderr || (error as Error).message,
      )
        .trim()
        .slice(0, 200)}`,
    };
  }
}
