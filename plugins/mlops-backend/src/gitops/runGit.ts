/* One git process over a bare repository: fixed words, no hooks, no configuration of the machine, an end after a time. */
import { spawn } from 'node:child_process';
import { gitEnvironment } from './GitRepository';

/** How one git process is called. */
export interface GitCall {
  /** Standard input: texts of users go here, never into the arguments. */
  input?: string | Uint8Array;
  env?: NodeJS.ProcessEnv;
  /** What is read of the output; the rest is left. Default: 64 MiB. */
  limitBytes?: number;
  /** Exit codes that are answers; default: 0. */
  answers?: number[];
}

/** What one git process said. */
export interface GitAnswer {
  code: number;
  stdout: Buffer;
  /** Whether the output was longer than the limit. */
  truncated: boolean;
}

/** Git said no. */
export class GitError extends Error {
  constructor(readonly command: string, readonly stderr: string) {
    super(`git ${command}: ${stderr.trim().slice(0, 500) || 'failed'}`);
  }
}

/** What every process is told before its command. */
export const fixedOptions = [
  '-c',
  'safe.directory=*',
  '-c',
  'core.hooksPath=/dev/null',
  '-c',
  'core.quotePath=false',
  // A file that is larger is data, and is not compared by lines.
  '-c',
  'core.bigFileThreshold=8m',
  '-c',
  'merge.conflictStyle=diff3',
  '-c',
  'gc.auto=0',
];
const patienceMs = 60_000;

/** Runs git. GitError when it ends with another code than those that are answers. */
export function runGit(
  directory: string,
  args: string[],
  call: GitCall = {},
): Promise<GitAnswer> {
  const { input, env, limitBytes = 64 * 1024 * 1024, answers = [0] } = call;
  return new Promise((resolve, reject) => {
    const child = spawn(
      'git',
      [...fixedOptions, '--git-dir', directory, ...args],
      {
        env: { ...gitEnvironment, ...env },
        stdio: ['pipe', 'pipe', 'pipe'],
        timeout: patienceMs,
        killSignal: 'SIGKILL',
      },
    );
    const chunks: Buffer[] = [];
    let length = 0;
    let truncated = false;
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => {
      if (truncated) return;
      chunks.push(chunk);
      length += chunk.length;
      if (length <= limitBytes) return;
      truncated = true;
      child.kill('SIGKILL');
    });
    child.stderr.on('data', chunk => {
      if (stderr.length < 10_000) stderr += chunk;
    });
    child.stdin.on('error', () => {});
    child.once('error', reject);
    child.once('close', code => {
      const stdout = Buffer.concat(chunks).subarray(0, limitBytes);
      if (truncated) resolve({ code: 0, stdout, truncated });
      else if (code !== null && answers.includes(code))
        resolve({ code, stdout, truncated });
      else reject(new GitError(args[0], stderr));
    });
    child.stdin.end(input);
  });
}

/** The answer of git as one line. */
export async function gitLine(
  directory: string,
  args: string[],
  call?: GitCall,
): Promise<string> {
  return (await runGit(directory, args, call)).stdout.toString().trim();
}
