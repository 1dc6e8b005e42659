import { initialState, type NodeStatus } from '@backstage-mlops/argo-engine';
import { TestDatabases } from '@backstage/backend-test-utils';
import {
  applyTrackingMigrations,
  FileArtifactStore,
} from '@backstage-mlops/mlops-tracking';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { checkInputsKept } from './runInputs';

const artifact = (name: string, key: string) => ({ name, s3: { key } });
const node = (
  id: string,
  sides: Pick<NodeStatus, 'inputs' | 'outputs'>,
): NodeStatus => ({
  id,
  name: `run.${id}`,
  displayName: id,
  type: 'Pod',
  phase: 'Succeeded',
  startedAt: '2026-01-01T00:00:00.000Z',
  children: [],
  ...sides,
});

const databases = TestDatabases.create({ ids: ['SQLITE_3'] });
let folder: string;
let store: FileArtifactStore;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'inputs-'));
  const knex = await databases.init('SQLITE_3');
  await applyTrackingMigrations(knex);
  store = new FileArtifactStore(folder, knex);
  await store.put('workflows/run/data/o', Buffer.from('bytes'));
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

it('says which step would begin with bytes that are gone, but for those that are made again', async () => {
  const run = {
    state: {
      ...initialState(),
      nodes: {
        data: node('data', {
          outputs: { artifacts: [artifact('o', 'workflows/run/data/o')] },
        }),
        features: node('features', {
          inputs: { artifacts: [artifact('i', 'workflows/run/data/o')] },
          outputs: { artifacts: [artifact('o', 'workflows/run/features/o')] },
        }),
        train: node('train', {
          inputs: { artifacts: [artifact('i', 'workflows/run/features/o')] },
        }),
      },
    },
  };
  await checkInputsKept(run, ['features', 'train'], store);
  await expect(checkInputsKept(run, ['train'], store)).rejects.toThrow(
    "The artifact 'i' that 'train' begins with is no longer kept. Name an earlier step to run again, too.",
  );
  await store.delete('workflows/run');
  await expect(
    checkInputsKept(run, ['features', 'train'], store),
  ).rejects.toThrow("'features' begins with is no longer kept");
  await checkInputsKept(run, ['data', 'features', 'train'], store);
});
