/*
 * Objects of a repository, from one long-lived `git cat-file --batch`, in the order of the questions. What is larger than its asker
 * wants is let pass without being kept, so a file of gigabytes costs no memory.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { holdProcess } from './holdProcess';

/** An object of git. */
export interface GitObject {
  oid: string;
  type: string;
  sizeBytes: number;
  /** Absent when it is larger than was asked for. */
  bytes?: Buffer;
}

interface Question {
  limitBytes: number;
  resolve(found: GitObject | undefined): void;
  reject(error: Error): void;
}

// Of a ref, no character that git takes for a way to another commit.
const namePattern =
  /^(?:[0-9a-f]{40}(?::[^\n]*)?|(?:[0-9a-f]{7,40}|refs\/(?!.*(?:\.\.|@\{))[^\s\p{Cc}~^:?*[\\]+)\^\{(?:commit|tree)\})$/u;

export class ObjectReader {
  private readonly child: ChildProcess & { stdin: Writable; stdout: Readable };
  private readonly waiting: Question[] = [];
  private asked = '';
  /** A head that has come in part. */
  private head = '';
  private current?: { found: GitObject; left: number; parts?: Buffer[] };

  constructor(args: string[], env: NodeJS.ProcessEnv, onEnd: () => void) {
    this.child = spawn('git', [...args, 'cat-file', '--batch'], {
      env,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    this.child.stdout.on('data', chunk => this.take(chunk));
    const end = () => {
      onEnd();
      this.waiting
        .splice(0)
        .forEach(({ reject }) =>
          reject(new Error('git ended while it was read')),
        );
    };
    this.child.once('close', end);
    this.child.once('error', end);
    this.child.stdin.on('error', () => {});
    holdProcess(this.child, false);
  }

  /** An object by its id, by `<commit>:<path>`, or what a ref points to (`<ref>^{commit}`). Undefined when there is none. */
  read(name: string, limitBytes: number): Promise<GitObject | undefined> {
    if (!namePattern.test(name))
      return Promise.reject(new Error('not the name of an object'));
    return new Promise((resolve, reject) => {
      if (this.waiting.length === 0) holdProcess(this.child, true);
      this.waiting.push({ limitBytes, resolve, reject });
      this.ask(name);
    });
  }

  // Questions of one moment go together: each write by itself wakes git, which costs more than the answer.
  private ask(name: string): void {
    if (this.asked === '') setImmediate(() => this.send());
    this.asked += `${name}\n`;
  }

  private send(): void {
    this.child.stdin.write(this.asked);
    this.asked = '';
  }

  private take(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0)
      rest = this.current ? this.takeBytes(rest) : this.takeHead(rest);
    if (this.waiting.length === 0) holdProcess(this.child, false);
  }

  private takeHead(chunk: Buffer): Buffer {
    const end = chunk.indexOf(10);
    this.head += chunk.toString('utf8', 0, end < 0 ? chunk.length : end);
    if (end < 0) return chunk.subarray(chunk.length);
    const [, oid, type, size] =
      /^([0-9a-f]{40}) (\w+) (\d+)$/.exec(this.head) ?? [];
    this.head = '';
    if (!oid) this.waiting.shift()!.resolve(undefined);
    else
      this.current = {
        found: { oid, type, sizeBytes: Number(size) },
        // A line feed follows the bytes.
        left: Number(size) + 1,
        ...(Number(size) <= this.waiting[0].limitBytes ? { parts: [] } : {}),
      };
    return chunk.subarray(end + 1);
  }

  private takeBytes(chunk: Buffer): Buffer {
    const current = this.current!;
    const part = chunk.subarray(0, current.left);
    current.left -= part.length;
    current.parts?.push(part);
    if (current.left === 0) {
      this.current = undefined;
      const { found, parts } = current;
      this.waiting.shift()!.resolve({
        ...found,
        ...(parts && {
          bytes: Buffer.concat(parts).subarray(0, found.sizeBytes),
        }),
      });
    }
    return chunk.subarray(part.length);
  }

  close(): void {
    this.child.kill();
  }
}
