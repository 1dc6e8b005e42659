/*
 * One git process that is asked again and again, one question after the other, since starting a process costs more than most
 * answers. It begins with the first question; when it ends, whoever waits is told why, and the next question starts another.
 */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { gitEnvironment } from './GitRepository';
import { holdProcess } from './holdProcess';
import { fixedOptions, GitError } from './runGit';

const patienceMs = 60_000;
const errorLimit = 10_000;

export class GitConversation {
  private child?: ChildProcessWithoutNullStreams;
  private last: Promise<unknown> = Promise.resolve();
  private stderr = '';

  constructor(
    private readonly directory: string,
    private readonly args: string[],
  ) {}

  /** Says something and waits for so many lines. GitError when git ends instead, or takes too long. */
  ask(input: string | Buffer, lines: number): Promise<string[]> {
    const mine = this.last.then(() => this.askNow(input, lines));
    this.last = mine.catch(() => undefined);
    return mine;
  }

  close(): void {
    this.child?.kill();
  }

  private askNow(input: string | Buffer, lines: number): Promise<string[]> {
    const child = (this.child ??= this.start());
    holdProcess(child, true);
    return new Promise<string[]>((resolve, reject) => {
      let said = '';
      const patience = setTimeout(() => child.kill('SIGKILL'), patienceMs);
      const settle = (end: () => void) => {
        clearTimeout(patience);
        child.stdout.off('data', onData);
        child.off('close', onEnd);
        child.off('error', onEnd);
        holdProcess(child, false);
        end();
      };
      const onData = (chunk: Buffer) => {
        said += chunk.toString('latin1');
        const found = said.split('\n');
        if (found.length > lines) settle(() => resolve(found.slice(0, lines)));
      };
      const onEnd = () =>
        settle(() => reject(new GitError(this.args[0], this.stderr)));
      child.stdout.on('data', onData);
      child.once('close', onEnd);
      child.once('error', onEnd);
      child.stdin.write(input);
    });
  }

  private start(): ChildProcessWithoutNullStreams {
    const child = spawn(
      'git',
      [...fixedOptions, '--git-dir', this.directory, ...this.args],
      { env: gitEnvironment },
    );
    this.stderr = '';
    child.stderr.on('data', chunk => {
      if (this.stderr.length < errorLimit) this.stderr += chunk;
    });
    child.stdin.on('error', () => {});
    const end = () => {
      if (this.child === child) this.child = undefined;
    };
    child.once('exit', end);
    child.once('error', end);
    return child;
  }
}
