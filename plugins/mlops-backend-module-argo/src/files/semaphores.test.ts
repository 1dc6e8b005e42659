import { KubeError } from '../kube/KubeError';
import { readConfigMaps, semaphoreFault, semaphoresOf } from './semaphores';

const needs = (name: string, key: string, more = {}) => ({
  synchronization: {
    semaphores: [{ configMapKeyRef: { name, key }, ...more }],
  },
});
const map = (data: Record<string, string>) =>
  ({ metadata: { name: 'limits' }, data } as any);

it('finds the semaphores of a workflow and of its templates, but none that a parameter or another namespace names', () => {
  expect(
    semaphoresOf({
      ...needs('limits', 'whole'),
      templates: [
        needs('limits', 'part'),
        needs('limits', 'part'),
        {
          synchronization: {
            semaphore: { configMapKeyRef: { name: 'old', key: 'k' } },
          },
        },
        needs('{{workflow.parameters.map}}', 'k'),
        needs('theirs', 'k', { namespace: 'elsewhere' }),
        { synchronization: { mutexes: [{ name: 'm' }] } },
      ],
    }),
  ).toEqual([
    { name: 'limits', key: 'whole' },
    { name: 'limits', key: 'part' },
    { name: 'old', key: 'k' },
  ]);
});

it('names the ConfigMap and the key that the cluster does not have', () => {
  const fault = (found: any) =>
    semaphoreFault(needs('limits', 'train'), new Map(found), 'ml');
  expect(fault([['limits', undefined]])).toMatch(
    /'ml' of the cluster has no ConfigMap 'limits': .* key 'train'/,
  );
  expect(fault([['limits', map({ other: '1' })]])).toMatch(
    /ConfigMap 'limits' without key 'train'/,
  );
  expect(fault([['limits', map({ train: 'many' })]])).toMatch(
    /'many' in key 'train' of ConfigMap 'limits', which is no number/,
  );
  expect(fault([['limits', map({ train: '2' })]])).toBeUndefined();
  // What nobody may look at is not known to be missing.
  expect(fault([])).toBeUndefined();
});

it('reads each ConfigMap once, and none of a workflow without semaphores', async () => {
  const asked: string[] = [];
  const client = {
    call: async ({ path }: { path: string }): Promise<any> => {
      asked.push(path);
      if (path.endsWith('/hidden')) throw new KubeError('no', 403);
      if (path.endsWith('/gone')) throw new KubeError('no', 404);
      return map({});
    },
  };
  const maps = await readConfigMaps(client, 'ml', [
    needs('limits', 'a'),
    needs('limits', 'b'),
    needs('hidden', 'a'),
    needs('gone', 'a'),
    {},
  ]);
  expect(asked).toEqual(
    ['limits', 'hidden', 'gone'].map(
      name => `/api/v1/namespaces/ml/configmaps/${name}`,
    ),
  );
  expect([...maps]).toEqual([
    ['limits', map({})],
    ['gone', undefined],
  ]);
  const broken = {
    call: async () => {
      throw new KubeError('down', 500);
    },
  };
  await expect(readConfigMaps(broken, 'ml', [needs('a', 'b')])).rejects.toThrow(
    'down',
  );
});
