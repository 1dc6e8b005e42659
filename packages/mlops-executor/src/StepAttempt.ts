/* What the runner of steps is given: where bytes are, what images mean on this machine, which attempt to start. */
import type { PodObservation, PodRequest } from '@backstage-mlops/argo-engine';
import type { StepUsage } from './types';

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
  /** Bytes of log and of one artifact that are kept; defaults 16 MiB and 2 GiB. */
  limits?: { logBytes?: number; artifactBytes?: number };
  /** Steps end when nobody touched the file for so many seconds; absent = never. */
  orphan?: { file: string; seconds: number };
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
  code: 'unmapped-image' | 'unusable-path';
  message: string;
}
