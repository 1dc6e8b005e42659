import { mockServices } from '@backstage/backend-test-utils';
import { TestPipeline } from '@backstage/plugin-search-backend-node';
import { portalPages } from '@backstage-mlops/mlops-core';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MlopsCollatorFactory } from './MlopsCollatorFactory';

const project = {
  name: 'weather',
  title: 'Rain tomorrow',
  description: 'Says whether it rains',
  owner: 'group:default/sky',
  lifecycle: 'production',
  tags: ['clouds'],
  pipelines: ['train'],
  datasets: ['gauges'],
  models: [{ name: 'rain', history: [] }],
};
const model = {
  project: 'weather',
  name: 'rain',
  title: 'Rain model',
  aliases: [{ alias: 'champion', version: '2', declared: true }],
  gates: [],
  versions: [
    { version: '2', digest: 'sha256:b', metrics: {}, parameters: {} },
    { version: '1', digest: 'sha256:a', metrics: {}, parameters: {} },
  ],
};
const runOf = (at: number) => ({
  id: `train-${at}`,
  project: 'weather',
  pipeline: 'train',
  phase: 'Succeeded',
  trigger: { kind: 'person', by: 'user:default/ann' },
});

/** The plugin's interface with 250 runs, and one project on a page; `broken` is a route that fails. */
async function startPortal(broken?: string, more: string[] = []) {
  const projects = [
    project,
    ...more.map(name => ({ ...project, name, models: [] })),
  ];
  const asked: string[] = [];
  const server: Server = createServer((request, response) => {
    const url = new URL(request.url!, 'http://x');
    asked.push(url.pathname + url.search);
    const limit = Number(url.searchParams.get('limit'));
    const from = Number(url.searchParams.get('cursor') ?? 0);
    const answers: Record<string, unknown> = {
      '/projects': {
        items: [projects[from]],
        nextCursor: projects[from + 1] && String(from + 1),
      },
      '/models/weather/rain': model,
      '/runs': {
        items: Array.from({ length: Math.min(limit, 250 - from) }, (_, at) =>
          runOf(from + at),
        ),
        nextCursor: from + limit < 250 ? String(from + limit) : undefined,
      },
    };
    response.statusCode = url.pathname === broken ? 500 : 200;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answers[url.pathname]));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { asked, server, url: `http://127.0.0.1:${port}` };
}

describe('MlopsCollatorFactory', () => {
  let server: Server | undefined;
  afterEach(
    () =>
      new Promise<void>(resolve =>
        server ? server.close(() => resolve()) : resolve(),
      ),
  );

  async function collate(
    options: {
      runs?: number;
      broken?: string;
      root?: string;
      projects?: string[];
    } = {},
  ) {
    const portal = await startPortal(options.broken, options.projects);
    server = portal.server;
    const factory = new MlopsCollatorFactory({
      auth: mockServices.auth(),
      discovery: mockServices.discovery.mock({
        getBaseUrl: async () => portal.url,
      }),
      runs: options.runs ?? 1_000,
      pages: portalPages(options.root),
    });
    const { documents, error } = await TestPipeline.fromCollator(
      await factory.getCollator(),
    ).execute();
    return { documents, error, factory, asked: portal.asked };
  }

  it('finds projects, models, versions and runs, each at its page', async () => {
    const { documents, factory } = await collate();
    expect([factory.isEmpty, await factory.canFind()]).toEqual([false, true]);
    expect(
      documents.slice(0, 4).map(({ title, location }) => [title, location]),
    ).toEqual([
      ['Rain tomorrow', '/mlops/projects/weather'],
      ['Rain model', '/mlops/projects/weather/models/rain'],
      ['Rain model, version 2', '/mlops/projects/weather/models/rain/2'],
      ['Rain model, version 1', '/mlops/projects/weather/models/rain/1'],
    ]);
    expect(documents[2].text).toContain('champion');
    expect(documents[3].text).not.toContain('champion');
    expect(documents.slice(4)).toHaveLength(250);
    expect(documents.at(-1)!.location).toBe('/mlops/runs/train-249');
  });

  it('leads to where the app has the pages', async () => {
    const { documents } = await collate({ root: '/ml', runs: 1 });
    expect(documents.map(({ location }) => location)).toEqual([
      '/ml/projects/weather',
      '/ml/projects/weather/models/rain',
      '/ml/projects/weather/models/rain/2',
      '/ml/projects/weather/models/rain/1',
      '/ml/runs/train-0',
    ]);
  });

  it('finds every project, however many pages they fill', async () => {
    const { documents } = await collate({ projects: ['b', 'c'], runs: 1 });
    expect(documents.map(({ location }) => location)).toEqual(
      expect.arrayContaining(['/mlops/projects/b', '/mlops/projects/c']),
    );
  });

  it('shows each document to those who may read its project', async () => {
    const { documents, factory } = await collate({ runs: 1 });
    expect(factory.visibilityPermission.name).toBe('mlops.project.read');
    expect(
      new Set(documents.map(({ authorization }) => authorization?.resourceRef)),
    ).toEqual(new Set(['weather']));
  });

  it('reads no more runs than it was told to', async () => {
    const { documents, asked } = await collate({ runs: 210 });
    expect(documents).toHaveLength(4 + 210);
    expect(asked.slice(-2)).toEqual([
      '/runs?limit=200',
      '/runs?limit=10&cursor=200',
    ]);
  });

  it('fails as a whole when a read fails, so that no half index is made', async () => {
    const { error, factory } = await collate({
      broken: '/models/weather/rain',
    });
    expect(String(error)).toMatch(/500/);
    expect(factory.isEmpty).toBe(true);
  });
});
