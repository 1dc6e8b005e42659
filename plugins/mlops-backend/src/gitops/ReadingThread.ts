/*
 * One thread for what would keep everybody else waiting: reading large files, and what edits of them would do. What takes longer than
 * the deadline, or all the memory of the thread, is given up with the thread; the next job gets a new one.
 */
import type {
  Effect,
  EffectSources,
  PackedProject,
  ProjectFile,
  SharedData,
} from '@backstage-mlops/mlops-core';
import { Worker } from 'node:worker_threads';

/** What the thread does, and what comes back. */
export interface ReadingWork {
  /** Reads the files of a project's folder. What all projects share is known by its key. */
  project: {
    job: {
      folder: string;
      files: ProjectFile[];
      shared: { key: string; data: SharedData };
    };
    result: PackedProject;
  };
  /** Reads the folder that all projects share. */
  shared: {
    job: { folder: string; files: ProjectFile[] };
    result: SharedData;
  };
  /** Says what edits would do. */
  effect: { job: EffectSources; result: Effect };
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
const core = require(workerData.core);
let known;
const does = {
  project({ folder, files, shared }) {
    if (shared.data) known = core.toSharedFiles(shared.data);
    return core.packProject(core.readProject(folder, files, known));
  },
  shared: ({ folder, files }) => core.readSharedData(folder, files),
  effect: core.effectOfFiles,
};
parentPort.on('message', ({ kind, job }) => {
  parentPort.postMessage({ begun: true });
  parentPort.postMessage({ result: does[kind](job) });
});
`;

interface Waiting {
  kind: keyof ReadingWork;
  job: ReadingWork[keyof ReadingWork]['job'];
  resolve(result: any): void;
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
  /** Key of what all projects share, as far as the thread knows it. */
  private sharedKey?: string;

  constructor(private readonly options: ReadingThreadOptions = {}) {}

  /** Undefined when it takes too long. Error when there can be no thread. */
  do<K extends keyof ReadingWork>(
    kind: K,
    job: ReadingWork[K]['job'],
  ): Promise<ReadingWork[K]['result'] | undefined> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ kind, job, resolve, reject });
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
    const { kind, job } = this.current;
    this.worker.postMessage({ kind, job: this.toSend(job) });
  }

  // What all projects share may be large, so it is sent once.
  private toSend(job: Waiting['job']): unknown {
    if (!('shared' in job)) return job;
    const { key, data } = job.shared;
    const isKnown = key === this.sharedKey;
    this.sharedKey = key;
    return { ...job, shared: isKnown ? {} : { data } };
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
    worker.on('message', (said: { result?: unknown }) => {
      begun = true;
      clearTimeout(this.timer);
      if (said.result) this.end(({ resolve }) => resolve(said.result));
      else
        this.timer = setTimeout(() => worker.terminate(), deadlineMs).unref();
    });
    let fault: Error | undefined;
    worker.on('error', error => (fault = error));
    worker.on('exit', () => {
      clearTimeout(this.timer);
      this.worker = undefined;
      this.sharedKey = undefined;
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
