/*
 * One step attempt is one small detached process that runs a command in a room of its own and writes down how it ended.
 * Caller and executor talk through files in `directory` only, so either may die.
 */

/** What to run. Written to `directory/spec.json` before the process starts. @public */
export interface StepSpec {
  /** Unique for each attempt. */
  attemptId: string;
  /** Absolute host path that belongs to this attempt alone. The caller may have put inputs under `inputs/`. */
  directory: string;
  /** Program and arguments. */
  command: string[];
  /** The whole environment: nothing else is inherited. */
  env: Record<string, string>;
  /** Absolute path inside the step; default `/`. */
  workingDir?: string;
  /** Host files and folders seen inside the step. */
  mounts: { source: string; target: string; readOnly: boolean }[];
  /** Folders inside the step that are empty and writable at the start (parents of declared outputs and the like). */
  writable: string[];
  /** Seconds; absent = none. */
  activeDeadlineSeconds?: number;
  /** Seconds between TERM and KILL at the deadline; default 5. */
  graceSeconds?: number;
  /** `namespaces`: own mounts and processes. `none`: a plain process, for trusted projects only. */
  isolation: 'namespaces' | 'none';
  /** Bytes of log kept; more is counted and left out with a mark. Default 16 MiB. */
  logLimitBytes?: number;
  /** What the step may take of the machine. */
  limits?: StepLimits;
  /** Folders in which the kernel lets the portal make control groups; absent = the step's limits are looked at alone. */
  controlGroups?: {
    version: 1 | 2;
    memory?: string;
    cpu?: string;
    pids?: string;
  };
  /** The step ends when nobody touched the file for so many seconds; absent = never. */
  orphan?: { file: string; seconds: number };
  /** Keeps the end of standard output for `readResult`; default true. Without it an isolated step's log has the exact order of both streams. */
  captureResult?: boolean;
}

/** What a step may take of the machine; passing one ends it. Absent = no limit. @public */
export interface StepLimits {
  memoryBytes?: number;
  /** Processes and their threads, together. */
  processes?: number;
  /** Bytes that its folder takes on disk, with files that it deleted but holds open. */
  diskBytes?: number;
  /** Processors; held where the portal may make control groups, else not at all. */
  cpus?: number;
}

/**
 * Why a step ended, when it did not end by itself: a person, its deadline, a command that could not be started, the end of the
 * portal, no portal for too long, an attempt that was given up before it began, or a limit that it passed.
 *
 * @public
 */
export type StepEndReason =
  | 'stopped'
  | 'deadline'
  | 'start-failed'
  | 'shutdown'
  | 'orphaned'
  | 'abandoned'
  | 'over-limit';

/** What an attempt cost. Absent figures are not known on this machine. @public */
export interface StepUsage {
  wallSeconds: number;
  /** User and system time of all its processes. */
  cpuSeconds?: number;
  /** Largest sum of its processes' memory that was seen. */
  peakMemoryBytes?: number;
  /** Bytes that were sent to disk. */
  writtenBytes?: number;
}

/** What is known of an attempt, read from its files. @public */
export interface StepObservation {
  state: 'starting' | 'running' | 'exited' | 'lost';
  /** ISO 8601. */
  startedAt?: string;
  /** ISO 8601. */
  finishedAt?: string;
  /** 128 + n when signal n ended the command. */
  exitCode?: number;
  /** Name of the signal that ended the command, when it is known. */
  signal?: string;
  /** Why it ended, when it did not end by itself. */
  reason?: StepEndReason;
  /** One sentence, when the command could not be started or passed a limit. */
  message?: string;
  usage?: StepUsage;
  /** The machine was started anew since the step began. */
  rebooted?: boolean;
}
