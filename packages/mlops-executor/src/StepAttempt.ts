/* What the runner of steps is given: where bytes are, what images mean on this machine, which attempt to start. */
import type { PodObservation, PodRequest } from '@backstage-mlops/argo-engine';
import type { StepLimits, StepUsage } from './types';

/** Where artifact bytes are; a part of the portal's ArtifactStore. @public */
export interface ArtifactBytes {
  put(
    key: string,
    body: AsyncIterable<Uint8Array> | Uint8Array,
    options?: { replace?: boolean; limitBytes?: number },
  ): Promise<{ digest: string; sizeBytes: number }>;
  /** An error named NotFoundError when there is none. */
  get(
    key: string,
  ): Promise<{ body: AsyncIterable<Uint8Array>; sizeBytes: number }>;
  /** Keys below the prefix, a whole path segment. */
  list(
    prefix: string,
    options?: { limit?: number },
  ): Promise<{ key: string; sizeBytes: number }[]>;
}

/** What steps of an image see on this machine. @public */
export interface StepEnvironment {
  /** Image names; `*` stands for anything. */
  images: string[];
  /** Host folders shown read-only inside the step. */
  mounts: { source: string; target: string }[];
}

/**
 * What each step may take and leave at most; a step may ask for less. Defaults: three quarters of the machine's memory, 2048
 * processes and threads, 10 GiB of disk.
 *
 * @public
 */
export interface MachineLimits extends StepLimits {
  /** Bytes of log that are kept; default 16 MiB. */
  logBytes?: number;
  /** Bytes of one artifact; default 2 GiB. */
  artifactBytes?: number;
}

/** @public */
export interface LocalStepRunnerOptions {
  artifacts: ArtifactBytes;
  /** Writes the files of a repository at a revision into a folder, which does not exist yet. */
  fetchGit(
    repository: string,
    revision: string | undefined,
    target: string,
  ): Promise<void>;
  environments: StepEnvironment[];
  limits?: MachineLimits;
  /** Steps end when nobody touched the file for so many seconds; absent = never. */
  orphan?: { file: string; seconds: number };
  /** Told at places between two things that are written one after the other, where a test ends the process. */
  reached?(place: 'inputs-staged' | 'step-abandoned'): void;
}

/** How an attempt stands, with its cost once it is over. @public */
export type StepOutcome = PodObservation & { usage?: StepUsage };

/** One attempt to start. @public */
export interface StepAttempt {
  attemptId: string;
  /** Absolute host path that belongs to this attempt alone. */
  directory: string;
  request: PodRequest;
  env: Record<string, string>;
  isolation: 'namespaces' | 'none';
  /** Key below which outputs are stored. */
  artifactKeyPrefix: string;
}

/** Why a template cannot run on this machine. @public */
export interface StepProblem {
  /** Path of the field below the template, as `container.image`. */
  path: string;
  code: 'unmapped-image' | 'unusable-path' | 'unusable-limit';
  message: string;
}
