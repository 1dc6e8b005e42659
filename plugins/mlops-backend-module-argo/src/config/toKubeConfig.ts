import type { KubeConfig } from '@kubernetes/client-node';
import type { ClusterAccess, ClusterConfig } from './readClusters';

/** Credentials of a cluster. Loads the Kubernetes client, which weighs much: call it only where a cluster is configured. */
export async function toKubeConfig({
  name,
  access,
}: Pick<ClusterConfig, 'name' | 'access'>): Promise<KubeConfig> {
  // An ES module: a static import would be a require in the built package.
  const { KubeConfig: Config } = await import('@kubernetes/client-node');
  const config = new Config();
  fill(config, name, access);
  if (!config.getCurrentCluster())
    throw new Error(
      `the cluster '${name}' of mlops.argo.clusters names no API server`,
    );
  return config;
}

function fill(config: KubeConfig, name: string, access: ClusterAccess): void {
  switch (access.kind) {
    case 'in-cluster':
      return config.loadFromCluster();
    case 'kubeconfig':
      config.loadFromFile(access.file);
      if (access.context !== undefined)
        config.setCurrentContext(access.context);
      return undefined;
    case 'token':
      return config.loadFromOptions({
        clusters: [
          {
            name,
            server: access.url,
            caData: access.caData,
            skipTLSVerify: access.skipTLSVerify,
          },
        ],
        users: [{ name: 'portal', token: access.token }],
        contexts: [{ name, cluster: name, user: 'portal' }],
        currentContext: name,
      });
    default: {
      const never: never = access;
      throw new Error(`unknown access ${JSON.stringify(never)}`);
    }
  }
}
