/* Logs of pods, by name: in memory, or read from where a step of this machine writes them. */
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
    if (!folder) yield this.texts.get(pod) ?? '';
    else if (follow) yield* followLog(folder, { signal });
    else yield (await readLog(folder)).bytes;
  }
}
