import { mockServices } from '@backstage/backend-test-utils';
import type { EntityProviderMutation } from '@backstage/plugin-catalog-node';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MlEntityProvider } from './MlEntityProvider';

const project = (name: string) => ({
  name,
  owner: 'group:default/sky',
  lifecycle: 'experimental',
  tags: [],
  links: [],
  path: `ml-projects/${name}`,
  models: [],
  pipelines: [],
  datasets: [],
});
const facts = (commit: string, ...names: string[]) => ({
  status: 200,
  body: { commit, branch: 'main', projects: names.map(project) },
});

let answer: { status: number; body: object };
let server: Server;
let mutations: EntityProviderMutation[];
let provider: MlEntityProvider;

beforeEach(async () => {
  server = createServer((req, res) => {
    const isAllowed =
      req.url === '/api/mlops/catalog' &&
      /^Bearer .+/.test(req.headers.authorization ?? '');
    res
      .writeHead(isAllowed ? answer.status : 401, {
        'content-type': 'application/json',
      })
      .end(JSON.stringify(answer.body));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${
    (server.address() as AddressInfo).port
  }/api/mlops`;
  provider = new MlEntityProvider({
    auth: mockServices.auth(),
    discovery: {
      getBaseUrl: async () => base,
      getExternalBaseUrl: async () => base,
    },
    logger: mockServices.logger.mock(),
    portalUrl: 'http://portal.example',
  });
  mutations = [];
  await provider.connect({
    applyMutation: async mutation => void mutations.push(mutation),
    refresh: async () => {},
  });
});
afterEach(() => new Promise(resolve => server.close(resolve)));

const namesOf = (mutation?: EntityProviderMutation) =>
  mutation?.type === 'full'
    ? mutation.entities.map(({ entity }) => entity.metadata.name)
    : undefined;

describe('MlEntityProvider', () => {
  it('gives all entities under one key, and nothing when nothing changed', async () => {
    answer = facts('1', 'one', 'two');
    expect(await provider.refresh()).toBe(true);
    answer = facts('2', 'one', 'two');
    expect(await provider.refresh()).toBe(false);
    expect(mutations.map(namesOf)).toEqual([['one', 'two']]);
    expect(mutations[0]).toMatchObject({
      entities: [{ locationKey: 'mlops' }, { locationKey: 'mlops' }],
    });
  });

  it('takes away what a commit took away, the last project too', async () => {
    for (const names of [['one', 'two'], ['two'], []]) {
      answer = facts(`with ${names.length}`, ...names);
      await provider.refresh();
    }
    expect(mutations.map(namesOf)).toEqual([['one', 'two'], ['two'], []]);
  });

  it('gives many changes in parts before the whole, so that requests are answered between them', async () => {
    const many = Array.from({ length: 45 }, (_, i) => `many-${i}`);
    answer = facts('1', 'one', 'two');
    await provider.refresh();
    answer = facts('2', 'one', ...many);
    await provider.refresh();
    const [, ...parts] = mutations;
    expect(
      parts.map(part =>
        part.type === 'full'
          ? part.entities.length
          : [part.added.length, part.removed.length],
      ),
    ).toEqual([[20, 0], [20, 0], [5, 0], [0, 1], 46]);
    expect(parts[0]).toMatchObject({
      added: Array(20).fill({ locationKey: 'mlops' }),
    });
    expect(parts[3]).toMatchObject({
      removed: [{ entityRef: 'mlproject:default/two' }],
    });
  });

  it.each([
    [
      'an error',
      {
        status: 503,
        body: {
          error: { name: 'ServiceUnavailableError', message: 'no database' },
        },
      },
    ],
    [
      'a repository that was never read',
      { status: 200, body: { commit: '', branch: 'main', projects: [] } },
    ],
    ['something else', { status: 200, body: {} }],
  ])('changes nothing at %s, and goes on afterwards', async (_what, broken) => {
    answer = facts('1', 'one');
    await provider.refresh();
    answer = broken;
    await expect(provider.refresh()).rejects.toThrow();
    answer = facts('2', 'one', 'two');
    await provider.refresh();
    expect(mutations.map(namesOf)).toEqual([['one'], ['one', 'two']]);
  });

  it('gives the entities again when the catalog did not take them', async () => {
    answer = facts('1', 'one');
    let refusals = 1;
    await provider.connect({
      applyMutation: async mutation => {
        if (refusals-- > 0) throw new Error('database is locked');
        mutations.push(mutation);
      },
      refresh: async () => {},
    });
    await expect(provider.refresh()).rejects.toThrow('database is locked');
    await provider.refresh();
    expect(mutations.map(namesOf)).toEqual([['one']]);
  });
});
