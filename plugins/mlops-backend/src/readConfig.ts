import type { RootConfigService } from '@backstage/backend-plugin-api';
import type { StepEnvironment } from '@backstage-mlops/mlops-executor';
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
    limits: { logBytes?: number; artifactBytes?: number };
  };
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
      limits: {
        logBytes: config?.getOptionalNumber('local.limits.logBytes'),
        artifactBytes: config?.getOptionalNumber('local.limits.artifactBytes'),
      },
    },
  };
}
