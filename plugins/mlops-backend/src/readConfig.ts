import type { RootConfigService } from '@backstage/backend-plugin-api';
import type { Config } from '@backstage/config';
import type {
  MachineLimits,
  StepEnvironment,
} from '@backstage-mlops/mlops-executor';
import os from 'node:os';
import path from 'node:path';

/** The plugin's settings, defaults filled in, paths absolute. */
export interface MlopsConfig {
  dataDirectory: string;
  gitops: { url?: string; branch: string; path: string; seedFrom?: string };
  firstRun?: { project: string; pipeline: string };
  local: {
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
    firstRun: firstRun && {
      project: firstRun.getString('project'),
      pipeline: firstRun.getString('pipeline'),
    },
    local: {
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
