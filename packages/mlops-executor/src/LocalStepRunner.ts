/*
 * Runs what the engine asks for: takes a PodRequest, lays out its inputs, starts the executor, and turns what the step left into
 * the PodObservation that the engine reads. Words and phases are Argo's.
 */
import type { PodObservation, PodRequest } from '@backstage-mlops/argo-engine';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { collectOutputs } from './collectOutputs';
import { stageInputs, StagingFault } from './stageInputs';
import { readResult, readStep, startStep, stopStep } from './step';
import { toStepSpec } from './toStepSpec';
import type { StepObservation } from './types';

/** Where artifact bytes are; a part of the portal's ArtifactStore. @public */
export interface ArtifactBytes {
  put(key: string, body: AsyncIterable<Uint8Array> | Uint8Array, options?: { replace?: boolean; limitBytes?: number }): Promise<{ digest: string; sizeBytes: number }>;
  get(key: string): Promise<{ body: AsyncIterable<Uint8Array>; sizeBytes: number }>;
  list(prefix: string): Promise<{ key: string; sizeBytes: number }[]>;
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
  /** Writes the files of a repository at a revision into a folder. */
  fetchGit(repository: string, revision: string | undefined, target: string): Promise<void>;
  environments: StepEnvironment[];
  limits?: { logBytes?: number; artifactBytes?: number };
}

/** One attempt to start. @public */
export interface StepAttempt {
  attemptId: string;
  directory: string;
  request: PodRequest;
  env: Record<string, string>;
  isolation: 'namespaces' | 'none';
  /** Key below which outputs are stored. */
  artifactKeyPrefix: string;
}

/** @public */
export class LocalStepRunner {
  constructor(private readonly options: LocalStepRunnerOptions) {}

  /** The environment of an image; undefined when none is configured. */
  environmentOf(image: string): StepEnvironment | undefined {
    return this.options.environments.find(({ images }) => images.some(pattern => matches(pattern, image)));
  }

  /** Stages the inputs and starts the step. A fault of an input is the step's own end, never an exception. */
  async start(attempt: StepAttempt): Promise<void> {
    const { directory, request } = attempt;
    await mkdir(path.join(directory, 'fs'), { recursive: true, mode: 0o755 });
    await writeJson(path.join(directory, 'request.json'), { request, artifactKeyPrefix: attempt.artifactKeyPrefix });
    const { image } = request.template.container ?? request.template.script;
    const environment = this.environmentOf(image);
    if (!environment) return this.fail(directory, `the image '${image}' is not mapped: add it to mlops.local.environments`);
    try {
      await stageInputs(directory, request.template, this.options);
    } catch (error) {
      if (!(error instanceof StagingFault)) throw error;
      return this.fail(directory, error.message);
    }
    return startStep(await toStepSpec(attempt, environment, this.options.limits));
  }

  // Argo's init container loads the inputs; its faults are the node's Error.
  private async fail(directory: string, message: string): Promise<void> {
    const now = new Date().toISOString();
    await writeJson(path.join(directory, 'collected.json'), { nodeId: '', phase: 'Error', executorFault: { container: 'init', exitCode: 64, message }, startedAt: now, finishedAt: now });
    await writeJson(path.join(directory, 'exit.json'), { exitCode: 64, reason: 'start-failed', message, startedAt: now, finishedAt: now });
  }

  /** How the attempt stands. Outputs are collected once, when it is over. */
  async observe(directory: string): Promise<PodObservation> {
    const { request, artifactKeyPrefix } = (await readJson<{ request: PodRequest; artifactKeyPrefix: string }>(path.join(directory, 'request.json')))!;
    const { nodeId } = request;
    const collected = await readJson<PodObservation>(path.join(directory, 'collected.json'));
    if (collected) return { ...collected, nodeId };
    const step = await readStep(directory);
    if (step.state === 'starting') return { nodeId, phase: 'Pending' };
    if (step.state === 'running') return { nodeId, phase: 'Running', startedAt: step.startedAt };
    const observed = step.state === 'lost' ? lost(nodeId, step) : await this.collect(directory, request, artifactKeyPrefix, step);
    await writeJson(path.join(directory, 'collected.json'), observed);
    // What the step left is in the store now; its log and records stay.
    await rm(path.join(directory, 'fs'), { recursive: true, force: true });
    return observed;
  }

  private async collect(directory: string, request: PodRequest, prefix: string, step: StepObservation): Promise<PodObservation> {
    const { nodeId } = request;
    const times = { startedAt: step.startedAt, finishedAt: step.finishedAt };
    const ended = endedFromOutside[step.reason ?? ''];
    const { outputs, fault } = await collectOutputs(directory, request.template, { prefix, artifacts: this.options.artifacts, limitBytes: this.options.limits?.artifactBytes });
    if (request.captureResult) outputs.result = await readResult(directory);
    if (ended) return { nodeId, phase: 'Failed', message: ended, outputs, ...times };
    const { exitCode = 1 } = step;
    if (exitCode !== 0) return { nodeId, phase: 'Failed', exitCode, message: step.message, outputs, ...times };
    if (fault) return { nodeId, phase: 'Error', exitCode, executorFault: { container: 'wait', exitCode: 64, message: fault }, outputs, ...times };
    return { nodeId, phase: 'Succeeded', exitCode, outputs, ...times };
  }

  /** Asks the step to end. */
  stop(directory: string, reason: 'stopped' | 'deadline' | 'shutdown', graceSeconds = 10): Promise<void> {
    return stopStep(directory, { reason, graceSeconds });
  }
}

const endedFromOutside: Record<string, string> = {
  deadline: 'Pod was active on the node longer than the specified deadline',
  stopped: 'the step was stopped',
  shutdown: 'portal was shut down',
};

function lost(nodeId: string, step: StepObservation): PodObservation {
  return { nodeId, phase: 'Error', message: 'the process of the step is gone and left no exit record', startedAt: step.startedAt, finishedAt: new Date().toISOString() };
}

function matches(pattern: string, image: string): boolean {
  const parts = pattern.split('*').map(part => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(image);
}

async function readJson<T>(file: string): Promise<T | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as T);
}

async function writeJson(file: string, value: unknown): Promise<void> {
  await writeFile(`${file}.part`, JSON.stringify(value), { mode: 0o600 });
  await rename(`${file}.part`, file);
}
