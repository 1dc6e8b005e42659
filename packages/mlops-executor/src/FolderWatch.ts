import { watch, type FSWatcher } from 'node:fs';

/**
 * Tells that one of some files of a folder changed. A change between two waits is not lost, and a wait ends after a while
 * even when the system tells nothing, so whoever waits looks again.
 */
export class FolderWatch {
  private readonly watcher?: FSWatcher;
  private changed = false;
  private wake: () => void = () => {};

  constructor(folder: string, names: readonly string[]) {
    try {
      this.watcher = watch(folder, (_event, name) => {
        if (name === null || names.includes(name)) this.note();
      });
      this.watcher.on('error', () => this.watcher?.close());
    } catch {
      // The folder is gone or the system has no watches left: looking now and then remains.
    }
  }

  private note(): void {
    this.changed = true;
    this.wake();
  }

  /** Resolves at the next change, after the time, or when the signal aborts. */
  async next(timeoutMs: number, signal?: AbortSignal): Promise<void> {
    if (!this.changed && !signal?.aborted) {
      await new Promise<void>(resolve => {
        let timer: NodeJS.Timeout | undefined = undefined;
        const done = () => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', done);
          resolve();
        };
        timer = setTimeout(done, timeoutMs);
        this.wake = done;
        signal?.addEventListener('abort', done);
      });
    }
    this.changed = false;
  }

  close(): void {
    this.watcher?.close();
    this.wake();
  }
}
