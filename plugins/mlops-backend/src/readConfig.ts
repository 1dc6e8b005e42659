import type { RootConfigService } from '@backstage/backend-plugin-api';
import type { Config } from '@backstage/config';
import { readPortalPages, type PortalPages } from '@backstage-mlops/mlops-core';
import type {
  MachineLimits,
  StepEnvironment,
} from '@backstage-mlops/mlops-executor';
import { isLocalEngineOn } from './checkProduction';
import os from 'node:os';
import path from 'node:path';

/** The plugin's settings, defaults filled in, paths absolute. */
export interface MlopsConfig {
  dataDirectory: string;
  gitops: { url?: string; branch: string; path: string; seedFrom?: string };
  /** Engine of runs whose project names none. */
  engine: string;
  /** Address of the portal as pods of a cluster reach it. */
  externalUrl?: string;
  /** Where the app has our pages. */
  pages: PortalPages;
  firstRun?: { project: string; pipeline: string };
  /** Image of the step that runs a project's own tests. */
  testImage: string;
  limits: {
    activeRunsPerProject: number;
    activeRunsPerPerson: number;
    queuedRuns: number;
    nodesPerRun: number;
    depthPerRun: number;
    argumentBytes: number;
    runSeconds: number;
    /** Room that the disk must have for new runs; absent = the smaller of 1 GiB and 5 % of it. */
    freeBytes?: number;
  };
  prices?: { currency: string; cpuHour: number; memoryGibHour: number };
  local: {
    /** Whether runs may begin on this machine. */
    enabled: boolean;
    trust: string[];
    maxParallelSteps: number;
    /** A step that sees no portal for so long ends. */
    orphanSeconds: number;
    environments: StepEnvironment[];
    limits: MachineLimits;
  };
}

const limitKeys = [
  'memoryBytes',
  'processes',
  'diskBytes',
  'logBytes',
  'artifactBytes',
] as const satisfies (keyof MachineLimits)[];

// A limit of 0 or less would end every step, or none: nobody means that.
function readLimit(config: Config | undefined, key: string) {
  const limit = config?.getOptionalNumber(key);
  if (limit !== undefined && !(limit > 0))
    throw new Error(`mlops.${key} is ${limit}; a limit is more than 0`);
  return limit;
}

/** Reads `mlops` of app-config. */
export function readConfig(root: RootConfigService): MlopsConfig {
  const config = root.getOptionalConfig('mlops');
  const absolute = (text: string) => path.resolve(text);
  const url = config?.getOptionalString('gitops.url');
  const firstRun = config?.getOptional('firstRun')
    ? config.getOptionalConfig('firstRun')
    : undefined;
  return {
    dataDirectory: absolute(
      config?.getOptionalString('dataDirectory') ?? '.data',
    ),
    gitops: {
      url:
        url === undefined || /^[\w+.-]+:\/\/|^[\w.-]+@/.test(url)
          ? url
          : absolute(url),
      branch: config?.getOptionalString('gitops.branch') ?? 'main',
      path: config?.getOptionalString('gitops.path') ?? '',
      seedFrom: config?.has('gitops.seed.from')
        ? absolute(config.getString('gitops.seed.from'))
        : undefined,
    },
    engine: config?.getOptionalString('engine') ?? 'local',
    externalUrl: config?.getOptionalString('externalUrl'),
    pages: readPortalPages(root),
    testImage:
      config?.getOptionalString('changes.testImage') ?? 'mlops-steps:22',
    limits: readLimits(config?.getOptionalConfig('limits')),
    prices: config?.has('prices')
      ? {
          currency: config.getString('prices.currency'),
          cpuHour: config.getOptionalNumber('prices.cpuHour') ?? 0,
          memoryGibHour: config.getOptionalNumber('prices.memoryGibHour') ?? 0,
        }
      : undefined,
    firstRun: firstRun && {
      project: firstRun.getString('project'),
      pipeline: firstRun.getString('pipeline'),
    },
    local: {
      enabled: isLocalEngineOn(root),
      trust: config?.getOptionalStringArray('local.trust') ?? [],
      maxParallelSteps:
        config?.getOptionalNumber('local.maxParallelSteps') ??
        os.availableParallelism(),
      orphanSeconds: config?.getOptionalNumber('local.orphanSeconds') ?? 3600,
      environments: (
        config?.getOptionalConfigArray('local.environments') ?? []
      ).map(item => ({
        images: item.getStringArray('images'),
        mounts: (item.getOptionalConfigArray('mounts') ?? []).map(mount => ({
          source: absolute(mount.getString('source')),
          target: mount.getString('target'),
        })),
      })),
      limits: Object.fromEntries(
        limitKeys.map(key => [key, readLimit(config, `local.limits.${key}`)]),
      ),
    },
  };
}

const defaults = {
  activeRunsPerProject: 10,
  activeRunsPerPerson: 20,
  queuedRuns: 1000,
  nodesPerRun: 5000,
  depthPerRun: 50,
  argumentBytes: 65_536,
  runSeconds: 86_400,
};

function readLimits(config: Config | undefined): MlopsConfig['limits'] {
  const limits: MlopsConfig['limits'] = { ...defaults };
  const keys = [
    ...Object.keys(defaults),
    'freeBytes',
  ] as (keyof typeof limits)[];
  for (const key of keys) {
    const value = config?.getOptionalNumber(key);
    if (value === undefined) continue;
    if (!Number.isInteger(value) || value < 1)
      throw new Error(
        `mlops.limits.${key} must be a whole number above zero, not ${value}`,
      );
    limits[key] = value;
  }
  return limits;
}
