/*
 * Logs of pods, by name: in memory, or read from where a step of this machine writes them. Around them stands what Argo's executor
 * writes into the same log.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { followLog, readLog } from './rooms.ts';

export class PodLogs {
  private readonly texts = new Map<string, string>();
  private readonly folders = new Map<string, string>();

  /** The pod's log is that of a step in a folder. */
  follow(pod: string, folder: string): void {
    this.folders.set(pod, folder);
  }

  write(pod: string, text: string): void {
    this.texts.set(pod, text);
  }

  forget(pod: string): void {
    this.texts.delete(pod);
    this.folders.delete(pod);
  }

  async *read(
    pod: string,
    follow: boolean,
    signal: AbortSignal,
  ): AsyncGenerator<string | Uint8Array> {
    const folder = this.folders.get(pod);
    yield executorLine('waiting for signals');
    if (!folder) yield this.texts.get(pod) ?? '';
    else if (follow) yield* followLog(folder, { signal });
    else yield (await readLog(folder)).bytes;
    const code = folder && (await exitCodeOf(folder));
    const error = code ? `exit status ${code}` : undefined;
    yield executorLine(
      'sub-process exited',
      ` error=${error ? JSON.stringify(error) : '<nil>'}`,
    );
    if (error) yield `Error: ${error}\n`;
  }
}

const executorLine = (message: string, more = '') =>
  `time=${new Date().toISOString()} level=INFO msg=${JSON.stringify(
    message,
  )} argo=true${more}\n`;

async function exitCodeOf(folder: string): Promise<number | undefined> {
  try {
    const text = await readFile(path.join(folder, 'exit.json'), 'utf8');
    return JSON.parse(text).exitCode;
  } catch {
    return undefined;
  }
}
