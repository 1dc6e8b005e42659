/*
 * Runs what the engine asks for: takes a PodRequest, lays out its inputs, starts the executor, and turns what the step left into
 * the PodObservation that the engine reads. Words and phases are Argo's.
 */
import type { PodObservation } from '@backstage-mlops/argo-engine';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { collectOutputs } from './collectOutputs';
import { findControlGroups } from './controlGroups';
import { endOf, lost } from './endOf';
import { killLeftovers } from './processes';
import { readRecord, writeRecord } from './records';
import { removeTree } from './removeTree';
import { stageInputs } from './stageInputs';
import { limitProblems } from './stepLimits';
import type {
  LocalStepRunnerOptions,
  StepAttempt,
  StepOutcome,
  StepEnvironment,
  StepProblem,
} from './StepAttempt';
import {
  abandonStep,
  readResult,
  readStep,
  startStep,
  stopStep,
  waitForEnd,
} from './step';
import {
  containerOf,
  declaredPaths,
  faultOfPath,
  type LeafTemplate,
} from './template';
import { toStepSpec } from './toStepSpec';
import type { StepObservation } from './types';

// What another caller needs to go on with an attempt; the environment holds secrets and is not in it.
type RequestRecord = Omit<StepAttempt, 'directory' | 'env'>;

const artifactLimit = 2 * 1024 ** 3;

const unmapped = (image: string) =>
  `the image '${image}' is not mapped to an environment of this machine: add it to mlops.local.environments`;

/** @public */
export class LocalStepRunner {
  private readonly collecting = new Map<string, Promise<StepOutcome>>();

  constructor(private readonly options: LocalStepRunnerOptions) {}

  /** The environment of an image; undefined when none is configured. */
  environmentOf(image: string): StepEnvironment | undefined {
    return this.options.environments.find(({ images }) =>
      images.some(pattern => matches(pattern, image)),
    );
  }

  /** Why a leaf template cannot run here; tags that are not replaced yet are left for the start. */
  problemsOf(template: Record<string, unknown>): StepProblem[] {
    const leaf = template as LeafTemplate;
    const { image } = containerOf(leaf);
    const problems: StepProblem[] = [];
    if (!image.includes('{{') && !this.environmentOf(image))
      problems.push({
        path: `${leaf.script ? 'script' : 'container'}.image`,
        code: 'unmapped-image',
        message: unmapped(image),
      });
    for (const { field, path: declared } of declaredPaths(leaf)) {
      const message = faultOfPath(declared);
      if (message)
        problems.push({ path: field, code: 'unusable-path', message });
    }
    problems.push(...limitProblems(leaf));
    return problems;
  }

  /** Stages the inputs and starts the step. Whatever is wrong with it becomes the step's own end, never an exception. */
  async start(attempt: StepAttempt): Promise<void> {
    const { directory, env: _secret, ...record } = attempt;
    await mkdir(path.join(directory, 'fs'), { recursive: true, mode: 0o755 });
    await writeRecord(path.join(directory, 'request.json'), record);
    try {
      await this.tryStart(attempt);
    } catch (error) {
      await this.fail(attempt, (error as Error).message);
    }
  }

  private async tryStart(attempt: StepAttempt): Promise<void> {
    const { directory, request } = attempt;
    const template = request.template as LeafTemplate;
    const [problem] = this.problemsOf(request.template);
    if (problem) throw new Error(problem.message);
    const { artifacts, fetchGit, limits } = this.options;
    await stageInputs(directory, template, {
      artifacts,
      fetchGit,
      limitBytes: limits?.artifactBytes ?? artifactLimit,
    });
    this.options.reached?.('inputs-staged');
    const environment = this.environmentOf(containerOf(template).image)!;
    await startStep({
      ...(await toStepSpec(attempt, environment, limits)),
      controlGroups: (await findControlGroups()).groups,
      orphan: this.options.orphan,
    });
  }

  // Argo's init container loads the inputs; its faults are the node's Error.
  private async fail(
    { directory, request }: StepAttempt,
    message: string,
  ): Promise<void> {
    const now = new Date().toISOString();
    const times = { startedAt: now, finishedAt: now };
    const observed: PodObservation = {
      nodeId: request.nodeId,
      phase: 'Error',
      executorFault: { container: 'init', exitCode: 64, message },
      ...times,
    };
    await writeRecord(path.join(directory, 'collected.json'), observed, {
      durable: true,
    });
    await writeRecord(
      path.join(directory, 'exit.json'),
      {
        exitCode: 64,
        reason: 'start-failed',
        message,
        ...times,
      },
      { durable: true },
    );
  }

  /** How the attempt stands. Outputs are collected once, when it is over; asking again gives the same answer. */
  observe(directory: string): Promise<StepOutcome> {
    const known = this.collecting.get(directory);
    if (known) return known;
    const asked = this.look(directory).finally(() =>
      this.collecting.delete(directory),
    );
    this.collecting.set(directory, asked);
    return asked;
  }

  private async look(directory: string): Promise<StepOutcome> {
    const collected = await readRecord<StepOutcome>(
      path.join(directory, 'collected.json'),
    );
    if (collected) {
      await removeTree(path.join(directory, 'fs'));
      return collected;
    }
    const record = await readRecord<RequestRecord>(
      path.join(directory, 'request.json'),
    );
    if (!record) throw new Error(`'${directory}' holds no attempt`);
    const { nodeId } = record.request;
    const step = await readStep(directory);
    switch (step.state) {
      case 'starting':
        return { nodeId, phase: 'Pending' };
      case 'running':
        return { nodeId, phase: 'Running', startedAt: step.startedAt };
      case 'lost':
        // A start that never showed itself must not do so after this look.
        if (!step.startedAt && !(await abandonStep(directory)))
          return { nodeId, phase: 'Running' };
        if (record.isolation === 'none') await killLeftovers(record.attemptId);
        return this.keep(directory, lost(nodeId, step));
      case 'exited':
        return this.keep(
          directory,
          await this.collect(directory, record, step),
        );
      default:
        throw new Error(`unknown state ${step.state satisfies never}`);
    }
  }

  // What the step left is in the store now; its log and records stay.
  private async keep(
    directory: string,
    observed: StepOutcome,
  ): Promise<StepOutcome> {
    await writeRecord(path.join(directory, 'collected.json'), observed, {
      durable: true,
    });
    await removeTree(path.join(directory, 'fs'));
    return observed;
  }

  private async collect(
    directory: string,
    record: RequestRecord,
    step: StepObservation,
  ): Promise<StepOutcome> {
    const { request, artifactKeyPrefix: prefix } = record;
    const { artifacts, limits } = this.options;
    const { outputs, fault } = await collectOutputs(
      directory,
      request.template as LeafTemplate,
      {
        prefix,
        artifacts,
        limits: {
          bytes: limits?.artifactBytes ?? artifactLimit,
          entries: 100_000,
        },
      },
    );
    if (request.captureResult) outputs.result = await readResult(directory);
    return {
      nodeId: request.nodeId,
      ...endOf(step, fault),
      outputs,
      startedAt: step.startedAt,
      finishedAt: step.finishedAt,
      usage: step.usage,
    };
  }

  /**
   * Writes down how an attempt ended whose machine was started again since. Its process is gone, and of its files may be there what
   * had reached the disk: a failure that it told itself stays, and so does a success that left nothing. Files that it left may be
   * empty now although they were not, so they count for nothing, and anything else is an Error.
   */
  async endWithMachine(nodeId: string, directory: string): Promise<void> {
    const record = <T>(name: string) =>
      readRecord<T>(path.join(directory, name));
    if (await record('collected.json')) return;
    const exit = await record<StepObservation>('exit.json');
    const known = await record<RequestRecord>('request.json');
    if (exit && known && (exit.exitCode !== 0 || !leaves(known.request)))
      return;
    await mkdir(directory, { recursive: true, mode: 0o755 });
    const start = await record<StepObservation>('start.json');
    const observed = lost(nodeId, {
      state: 'lost',
      startedAt: start?.startedAt,
      rebooted: true,
    });
    await this.keep(directory, observed);
    const { startedAt, finishedAt, message } = observed;
    await writeRecord(
      path.join(directory, 'exit.json'),
      { exitCode: 137, message, startedAt, finishedAt },
      { durable: true },
    );
  }

  /**
   * Gives an attempt up that has not begun, and takes away what was staged for it. False when it did begin. Asking again ends
   * what an earlier caller began.
   */
  async abandon(directory: string): Promise<boolean> {
    if (!(await abandonStep(directory))) return false;
    this.options.reached?.('step-abandoned');
    await removeTree(path.join(directory, 'fs'));
    return true;
  }

  /**
   * Ends and takes away what still lies or runs of an attempt that is known to be over: a caller that lost it may have gone on
   * for a moment. Its log and records stay.
   */
  async clear(directory: string): Promise<void> {
    await stopStep(directory, { reason: 'stopped' });
    await waitForEnd(directory);
    await removeTree(path.join(directory, 'fs'));
  }

  /** Asks the step to end. */
  stop(
    directory: string,
    reason: 'stopped' | 'deadline' | 'shutdown',
    graceSeconds = 10,
  ): Promise<void> {
    return stopStep(directory, { reason, graceSeconds });
  }
}

function leaves({ template, captureResult }: StepAttempt['request']): boolean {
  const { parameters = [], artifacts = [] } =
    (template as LeafTemplate).outputs ?? {};
  return captureResult || parameters.length > 0 || artifacts.length > 0;
}

function matches(pattern: string, image: string): boolean {
  const parts = pattern
    .split('*')
    .map(part => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(image);
}
