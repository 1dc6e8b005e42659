/* Wires what runs are made of: the tracking of what they leave, the steps of this machine, the queue, the clusters. */
import type { LoggerService } from '@backstage/backend-plugin-api';
import { LocalStepRunner } from '@backstage-mlops/mlops-executor';
import {
  FileArtifactStore,
  TrackingService,
} from '@backstage-mlops/mlops-tracking';
import type { Knex } from 'knex';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { createGitops } from '../gitops/createGitops';
import type { MlopsConfig } from '../readConfig';
import { ClusterSync } from '../sync/ClusterSync';
import { ClusterRuns } from './ClusterRuns';
import type { EngineList } from './EngineList';
import { failpoint } from './failpoint';
import { FreeSpace } from './FreeSpace';
import { Leases } from './Leases';
import { RunQueue } from './RunQueue';
import { RunService } from './RunService';
import { RunStore } from './RunStore';
import { RunSupervisor, type RunSupervisorOptions } from './RunSupervisor';
import { ScheduleStore } from './ScheduleStore';
import { Schedules } from './Schedules';
import { RunTokens } from './token';

/** What runs are made with. */
export interface CreateRunsOptions {
  config: MlopsConfig;
  knex: Knex;
  gitops: Awaited<ReturnType<typeof createGitops>>;
  engines: EngineList;
  /** Address of this plugin as steps of this machine reach it. */
  trackingUri: string;
  onChange: RunSupervisorOptions['onChange'];
  logger: LoggerService;
}

/** The parts of the plugin that make runs and follow them; none has begun. */
export async function createRuns(options: CreateRunsOptions) {
  const { config, knex, gitops, logger } = options;
  const { index, repository, url } = gitops;
  const artifacts = new FileArtifactStore(
    path.join(config.dataDirectory, 'artifacts'),
    knex,
    () => failpoint('artifact-bytes-written'),
  );
  const tracking = new TrackingService(knex, artifacts);
  const runs = new RunStore(knex);
  const tokens = await RunTokens.load(config.dataDirectory);
  const runner = createRunner(options, artifacts);
  const leases = new Leases(knex, randomUUID());
  const space = new FreeSpace(config.dataDirectory, config.limits.freeBytes);
  const queue = new RunQueue(knex, config.limits, space);
  const scheduleStore = new ScheduleStore(knex);
  const clusters = new ClusterRuns({
    engines: options.engines.engines,
    externalUrl: config.externalUrl,
    index,
    store: runs,
    leases,
    tracking,
    tokens,
    schedules: scheduleStore,
    logBytes: config.local.limits.logBytes,
    logger,
  });
  if (!clusters.names.includes(config.engine))
    throw new Error(
      `mlops.engine is '${config.engine}'; there are ${clusters.names.join(
        ', ',
      )}.`,
    );
  const engine = new RunSupervisor({
    store: runs,
    leases,
    alone: knex.client.config.client !== 'pg',
    runner,
    tracking,
    tokens,
    logger,
    dataDirectory: config.dataDirectory,
    maxParallelSteps: config.local.maxParallelSteps,
    orphanSeconds: config.local.orphanSeconds,
    queue,
    clusters,
    size: config.limits,
    trackingUri: options.trackingUri,
    onChange: options.onChange,
  });
  const runService = new RunService({
    index,
    repository,
    gitopsUrl: url,
    store: runs,
    leases,
    engine,
    runner,
    tracking,
    artifacts,
    tokens,
    trust: config.local.trust,
    queue,
    clusters,
    defaultEngine: config.engine,
    limits: config.limits,
    engineIsOn: config.local.enabled,
  });
  const clusterSync = new ClusterSync({
    index,
    clusters,
    defaultEngine: config.engine,
    repo: url,
    runSeconds: config.limits.runSeconds,
    logger,
  });
  const schedules = new Schedules({
    index,
    store: scheduleStore,
    runService,
    engine,
    clusters: clusterSync,
    logger,
  });
  return {
    artifacts,
    clusters,
    clusterSync,
    engine,
    leases,
    queue,
    runner,
    runs,
    runService,
    schedules,
    tracking,
  };
}

function createRunner(
  { config, gitops: { index, repository, url } }: CreateRunsOptions,
  artifacts: FileArtifactStore,
): LocalStepRunner {
  const { environments, limits, orphanSeconds } = config.local;
  return new LocalStepRunner({
    artifacts,
    environments,
    limits,
    orphan: {
      file: RunSupervisor.aliveFile(config.dataDirectory),
      seconds: orphanSeconds,
    },
    reached: failpoint,
    fetchGit: async (repo, revision, target) => {
      if (repo !== url)
        throw new Error(
          `the repository '${repo}' is not the GitOps repository of this portal`,
        );
      await repository.checkout(
        await repository.resolve(revision ?? index.branch),
        target,
      );
    },
  });
}
