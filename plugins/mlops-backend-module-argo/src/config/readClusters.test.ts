import { mockServices } from '@backstage/backend-test-utils';
import { readClusters } from './readClusters';

const read = (clusters: object[], more: object = {}) =>
  readClusters(
    mockServices.rootConfig({
      data: { mlops: { argo: { clusters } }, ...more } as never,
    }),
  );

describe('mlops.argo.clusters', () => {
  it('is empty when nothing is configured', () => {
    expect(readClusters(mockServices.rootConfig({ data: {} }))).toEqual([]);
  });

  it('takes the address of a cluster that the kubernetes plugin knows', () => {
    const [cluster] = read([{ namespace: 'ml', kubernetesCluster: 'prod' }], {
      kubernetes: {
        clusterLocatorMethods: [
          {
            type: 'config',
            clusters: [
              {
                name: 'prod',
                url: 'https://k8s.example.org',
                authProvider: 'serviceAccount',
                serviceAccountToken: 'secret',
              },
            ],
          },
        ],
      },
    });
    expect(cluster).toMatchObject({
      name: 'argo',
      serviceAccount: 'mlops-step',
      access: {
        kind: 'token',
        url: 'https://k8s.example.org',
        token: 'secret',
      },
    });
  });

  it.each([
    [[{ namespace: 'ml' }], /clusters\[0\] says nothing of how it is reached/],
    [
      [{ namespace: 'ml', kubernetesCluster: 'nope' }],
      /kubernetesCluster is 'nope'/,
    ],
    [
      [{ namespace: 'ml', name: 'local', inCluster: true }],
      /clusters\[0\]\.name is 'local'/,
    ],
    [
      [
        { namespace: 'a', inCluster: true },
        { namespace: 'b', inCluster: true },
      ],
      /two clusters called 'argo'/,
    ],
    [[{ inCluster: true }], /namespace/],
  ])('refuses what cannot be: %j', (clusters, message) => {
    expect(() => read(clusters)).toThrow(message);
  });
});
