import { mockServices } from '@backstage/backend-test-utils';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ScaffolderTemplates } from './ScaffolderTemplates';

let answer: { status: number; body: unknown };
let asked: number;
let server: Server;
let url: string;

beforeEach(async () => {
  asked = 0;
  server = createServer((req, res) => {
    asked += 1;
    const isAllowed =
      req.url === '/api/scaffolder/v2/actions' &&
      /^Bearer .+/.test(req.headers.authorization ?? '');
    res
      .writeHead(isAllowed ? answer.status : 401)
      .end(JSON.stringify(answer.body));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${
    (server.address() as AddressInfo).port
  }/api/scaffolder`;
});
afterEach(() => new Promise(resolve => server.close(resolve)));

const templates = (firstWaitMs = 0) =>
  new ScaffolderTemplates({
    auth: mockServices.auth(),
    discovery: {
      getBaseUrl: async () => url,
      getExternalBaseUrl: async () => url,
    },
    firstWaitMs,
  });
const ours = {
  status: 200,
  body: [{ id: 'a' }, { id: 'mlops:project:propose' }],
};

it('offers the template of a new project once the scaffolder can run it, and then asks no more', async () => {
  const one = templates();
  answer = { status: 404, body: {} };
  expect(await one.list()).toEqual([]);
  answer = { status: 200, body: [{ id: 'debug:log' }] };
  expect(await one.list()).toEqual([]);
  answer = ours;
  const [template] = await one.list();
  expect(template).toMatchObject({
    kind: 'Template',
    metadata: { name: 'ml-project' },
    spec: { steps: [{ action: 'mlops:project:propose' }] },
  });
  const before = asked;
  expect(await one.list()).toEqual([template]);
  expect(asked).toBe(before);
});

it('asks a scaffolder that is not there only now and then', async () => {
  const one = templates(3_600_000);
  answer = { status: 404, body: {} };
  await one.list();
  answer = ours;
  expect(await one.list()).toEqual([]);
  expect(asked).toBe(1);
});
