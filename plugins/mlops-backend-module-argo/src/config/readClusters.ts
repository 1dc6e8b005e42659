import type { RootConfigService } from '@backstage/backend-plugin-api';
import type { Config } from '@backstage/config';
import type { S3ArtifactStoreOptions } from '../artifacts/S3ArtifactStore';
import type { OffloadedNodesOptions } from '../workflows/OffloadedNodes';

/** How the API server is reached. */
export type ClusterAccess =
  | { kind: 'in-cluster' }
  | { kind: 'kubeconfig'; file: string; context?: string }
  | {
      kind: 'token';
      url: string;
      token?: string;
      caData?: string;
      skipTLSVerify: boolean;
    };

/** One entry of `mlops.argo.clusters`. */
export interface ClusterConfig {
  name: string;
  namespace: string;
  serviceAccount: string;
  selector?: string;
  instanceId?: string;
  access: ClusterAccess;
  artifacts?: S3ArtifactStoreOptions;
  database?: OffloadedNodesOptions;
}

/** Reads `mlops.argo.clusters`. Error that names the key when something is missing. */
export function readClusters(root: RootConfigService): ClusterConfig[] {
  const clusters = (
    root.getOptionalConfigArray('mlops.argo.clusters') ?? []
  ).map((config, index) => readCluster(root, config, index));
  const names = clusters.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice)
    throw new Error(`mlops.argo.clusters has two clusters called '${twice}'`);
  return clusters;
}

function readCluster(
  root: RootConfigService,
  config: Config,
  index: number,
): ClusterConfig {
  const name = config.getOptionalString('name') ?? 'argo';
  if (!/^[a-z0-9][-a-z0-9]{0,40}$/.test(name) || name === 'local')
    throw new Error(
      `mlops.argo.clusters[${index}].name is '${name}': lower-case letters, digits and '-', and not 'local'`,
    );
  return {
    name,
    namespace: config.getString('namespace'),
    serviceAccount: config.getOptionalString('serviceAccount') ?? 'mlops-step',
    selector: config.getOptionalString('selector'),
    instanceId: config.getOptionalString('instanceId'),
    access: readAccess(root, config, index),
    artifacts: config.has('artifacts')
      ? readBucket(config.getConfig('artifacts'))
      : undefined,
    database: config.has('database')
      ? readDatabase(config.getConfig('database'))
      : undefined,
  };
}

function readAccess(
  root: RootConfigService,
  config: Config,
  index: number,
): ClusterAccess {
  if (config.getOptionalBoolean('inCluster')) return { kind: 'in-cluster' };
  if (config.has('kubeconfig'))
    return {
      kind: 'kubeconfig',
      file: config.getString('kubeconfig.file'),
      context: config.getOptionalString('kubeconfig.context'),
    };
  const named = config.getOptionalString('kubernetesCluster');
  const source = named === undefined ? config : findCluster(root, named);
  if (!source?.has('url'))
    throw new Error(
      named === undefined
        ? `mlops.argo.clusters[${index}] says nothing of how it is reached: set inCluster, kubeconfig, kubernetesCluster or url`
        : `mlops.argo.clusters[${index}].kubernetesCluster is '${named}', which kubernetes.clusterLocatorMethods does not name`,
    );
  return {
    kind: 'token',
    url: source.getString('url'),
    token: source.getOptionalString('serviceAccountToken'),
    caData: source.getOptionalString('caData'),
    skipTLSVerify: source.getOptionalBoolean('skipTLSVerify') ?? false,
  };
}

const findCluster = (root: RootConfigService, name: string) =>
  (root.getOptionalConfigArray('kubernetes.clusterLocatorMethods') ?? [])
    .flatMap(method => method.getOptionalConfigArray('clusters') ?? [])
    .find(cluster => cluster.getOptionalString('name') === name);

function readDatabase(config: Config): OffloadedNodesOptions {
  const connection = config.get('connection');
  return {
    connection: connection as OffloadedNodesOptions['connection'],
    tableName: config.getOptionalString('tableName') ?? 'argo_workflows',
    clusterName: config.getOptionalString('clusterName') ?? 'default',
  };
}

function readBucket(config: Config): S3ArtifactStoreOptions {
  const accessKeyId = config.getOptionalString('accessKeyId');
  return {
    bucket: config.getString('bucket'),
    client: {
      region: config.getOptionalString('region') ?? 'us-east-1',
      endpoint: config.getOptionalString('endpoint'),
      forcePathStyle: config.getOptionalBoolean('forcePathStyle'),
      ...(accessKeyId
        ? {
            credentials: {
              accessKeyId,
              secretAccessKey: config.getString('secretAccessKey'),
            },
          }
        : {}),
    },
  };
}
