/*
 * One thread that reads projects which would keep everybody else waiting. A project that takes longer than the deadline, or all the
 * memory of the thread, is given up with the thread; the next project gets a new one.
 */
import type { PackedProject, ProjectFile } from '@backstage-mlops/mlops-core';
import { Worker } from 'node:worker_threads';

/** What is read: the files of a project's folder, and of the folder that all projects share. */
export interface ReadingJob {
  folder: string;
  files: ProjectFile[];
  shared: { folder: string; files: ProjectFile[] };
}

export interface ReadingThreadOptions {
  /** Default 10 s. */
  deadlineMs?: number;
  /** Of the thread's Node.js; default: what this process reads TypeScript with. */
  execArgv?: string[];
}

// The program is a text, so that it is found however this package was built.
const program = `
const { parentPort, workerData } = require('node:worker_threads');
const { packProject, readProject, readShared } = require(workerData.core);
parentPort.on('message', ({ folder, files, shared }) => {
  parentPort.postMessage({ begun: true });
  const read = readProject(folder, files, readShared(shared.folder, shared.files));
  parentPort.postMessage({ packed: packProject(read) });
});
`;

interface Waiting {
  job: ReadingJob;
  resolve(packed: PackedProject | undefined): void;
  reject(error: Error): void;
}

const transform = () =>
  process.execArgv.filter(arg => arg.endsWith('nodeTransform.cjs'));

export class ReadingThread {
  private worker?: Worker;
  private current?: Waiting;
  private timer?: ReturnType<typeof setTimeout>;
  private readonly waiting: Waiting[] = [];
  private closed = false;

  constructor(private readonly options: ReadingThreadOptions = {}) {}

  /** Undefined when reading takes too long. Error when there can be no thread. */
  read(job: ReadingJob): Promise<PackedProject | undefined> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ job, resolve, reject });
      this.next();
    });
  }

  /** Gives up what is being read. */
  async close(): Promise<void> {
    this.closed = true;
    await this.worker?.terminate();
  }

  private next(): void {
    if (this.current || this.waiting.length === 0) return;
    this.current = this.waiting.shift()!;
    this.worker ??= this.begin();
    this.worker.postMessage(this.current.job);
  }

  private begin(): Worker {
    const { execArgv, deadlineMs = 10_000 } = this.options;
    const worker = new Worker(program, {
      eval: true,
      workerData: { core: require.resolve('@backstage-mlops/mlops-core') },
      execArgv:
        execArgv ?? transform().flatMap(module => ['--require', module]),
      resourceLimits: { maxOldGenerationSizeMb: 768 },
    });
    // The portal ends when it wants to.
    worker.unref();
    let begun = false;
    worker.on('message', (said: { packed?: PackedProject }) => {
      begun = true;
      clearTimeout(this.timer);
      if (said.packed) this.end(({ resolve }) => resolve(said.packed));
      else
        this.timer = setTimeout(() => worker.terminate(), deadlineMs).unref();
    });
    let fault: Error | undefined;
    worker.on('error', error => (fault = error));
    worker.on('exit', () => {
      clearTimeout(this.timer);
      this.worker = undefined;
      // A thread that never began is no fault of the files.
      this.end(({ resolve, reject }) =>
        begun && !this.closed
          ? resolve(undefined)
          : reject(fault ?? new Error('the reading thread ended')),
      );
    });
    return worker;
  }

  private end(tell: (asked: Waiting) => void): void {
    const asked = this.current;
    this.current = undefined;
    if (asked) tell(asked);
    this.next();
  }
}
