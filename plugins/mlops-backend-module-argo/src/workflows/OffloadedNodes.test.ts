import { TestDatabases } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import { gunzipSync } from 'node:zlib';
import type { KubeObject } from '../kube/ListWatch';
import { resumed } from './edits';
import { OffloadedNodes } from './OffloadedNodes';
import { toObservation } from './toObservation';
import { withOffloaded } from './withOffloaded';

const databases = TestDatabases.create({ ids: ['POSTGRES_17'] });
const nodes = {
  w: {
    id: 'w',
    name: 'w',
    displayName: 'w',
    type: 'Suspend',
    phase: 'Running',
  },
};
const object: KubeObject = {
  metadata: { name: 'w', uid: 'u', resourceVersion: '7' },
  spec: {},
  status: { phase: 'Running', offloadNodeStatusVersion: 'fnv:2' },
};

describe('nodes that Argo keeps in its own database', () => {
  let knex: Knex;
  let store: OffloadedNodes;
  beforeAll(async () => {
    knex = await databases.init('POSTGRES_17');
    await knex.schema.createTable('argo_workflows', table => {
      table.string('clustername', 64).notNullable();
      table.string('uid', 128).notNullable();
      table.string('namespace', 256).notNullable();
      table.string('version', 64).notNullable();
      table.text('nodes').notNullable();
      table.timestamp('updatedat').notNullable().defaultTo(knex.fn.now());
      table.primary(['clustername', 'uid', 'version']);
    });
    const row = (clustername: string, version: string, tree: object) => ({
      clustername,
      uid: 'u',
      namespace: 'ml',
      version,
      nodes: JSON.stringify(tree),
    });
    await knex('argo_workflows').insert([
      row('default', 'fnv:1', {}),
      row('default', 'fnv:2', nodes),
      row('other', 'fnv:2', {}),
    ]);
    store = new OffloadedNodes({
      connection: knex.client.config.connection,
      tableName: 'argo_workflows',
      clusterName: 'default',
    });
  }, 120_000);
  afterAll(async () => {
    await store?.end();
  });

  it('are those of the version that the object names', async () => {
    const seen = toObservation(await withOffloaded(object, store));
    expect(seen.nodesMissing).toBeUndefined();
    expect(seen.state.nodes.w).toMatchObject({ phase: 'Running' });
  }, 60_000);

  it('go back packed when a person changes one, so that the controller puts them where it wants', async () => {
    const next = resumed(
      await withOffloaded(object, store),
      { node: 'w' },
      '2026-01-01T00:00:00Z',
    );
    expect(next.status).not.toHaveProperty('offloadNodeStatusVersion');
    expect(next.status).not.toHaveProperty('offloadedNodes');
    const packed = Buffer.from(next.status.compressedNodes, 'base64');
    expect(JSON.parse(gunzipSync(packed).toString()).w.phase).toBe('Succeeded');
  }, 60_000);

  it('are said to be missing when the database has them no more, or does not answer', async () => {
    const gone = { ...object, status: { offloadNodeStatusVersion: 'fnv:9' } };
    expect(
      toObservation(await withOffloaded(gone, store)).nodesMissing,
    ).toMatch(/are not in it any more/);
    const away = new OffloadedNodes({
      connection: 'postgres://nobody@127.0.0.1:1/none',
      tableName: 'argo_workflows',
      clusterName: 'default',
    });
    expect(toObservation(await withOffloaded(gone, away)).nodesMissing).toMatch(
      /cannot be read/,
    );
    await away.end();
  }, 60_000);
});
