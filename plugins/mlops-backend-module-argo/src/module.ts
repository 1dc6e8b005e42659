import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import { workflowEnginesExtensionPoint } from '@backstage-mlops/plugin-mlops-node';
import { ArgoWorkflowEngine } from './ArgoWorkflowEngine';
import { S3ArtifactStore } from './artifacts/S3ArtifactStore';
import { readClusters } from './config/readClusters';
import { toKubeConfig } from './config/toKubeConfig';
import { KubeClient } from './kube/KubeClient';
import { OffloadedNodes } from './workflows/OffloadedNodes';

/** Adds an engine for each cluster of `mlops.argo.clusters`. @public */
export const mlopsModuleArgo = createBackendModule({
  pluginId: 'mlops',
  moduleId: 'argo',
  register(env) {
    env.registerInit({
      deps: {
        config: coreServices.rootConfig,
        engines: workflowEnginesExtensionPoint,
        logger: coreServices.logger,
      },
      async init({ config, engines, logger }) {
        for (const { access, artifacts, database, ...cluster } of readClusters(
          config,
        ))
          engines.addEngine(
            new ArgoWorkflowEngine({
              ...cluster,
              client: new KubeClient(
                await toKubeConfig({ name: cluster.name, access }),
              ),
              database: database && new OffloadedNodes(database),
              artifacts: artifacts && new S3ArtifactStore(artifacts),
              logger,
            }),
          );
      },
    });
  },
});
