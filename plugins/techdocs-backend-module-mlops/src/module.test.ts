/* The preparer and the generator as TechDocs drives them, over a portal of a few lines. */
import { NotModifiedError } from '@backstage/errors';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { ProjectDocsBuilds } from './ProjectDocsBuilds';
import { ProjectDocsGenerator } from './ProjectDocsGenerator';
import { ProjectDocsPreparer } from './ProjectDocsPreparer';

const docs = {
  project: 'one',
  title: 'Project one',
  commit: 'c',
  version: 'v1',
  files: [
    {
      path: 'docs/index.md',
      base64: Buffer.from('# Hello').toString('base64'),
    },
  ],
  leftOut: [],
};
const entity = (kind: string) => ({
  apiVersion: 'x',
  kind,
  metadata: { name: 'one', annotations: {} },
});
const logger: any = {};
const made: string[] = [];
let server: http.Server;
let asked: string[];
let given: unknown;

beforeEach(async () => {
  asked = [];
  given = docs;
  server = http.createServer((request, response) => {
    asked.push(`${request.headers.authorization} ${request.url}`);
    response.statusCode = given ? 200 : 404;
    response.end(JSON.stringify(given ?? { error: { message: 'none' } }));
  });
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve);
  });
});
afterEach(async () => {
  for (const folder of made.splice(0)) fs.rmSync(folder, { recursive: true });
  await new Promise(resolve => server.close(resolve));
});

const preparer = () =>
  new ProjectDocsPreparer({
    auth: {
      getOwnServiceCredentials: async () => ({} as any),
      getPluginRequestToken: async () => ({ token: 't' }),
    },
    discovery: {
      getBaseUrl: async () =>
        `http://127.0.0.1:${(server.address() as AddressInfo).port}/mlops`,
    },
    others: {
      prepare: async () => ({ preparedDir: 'theirs', etag: 'e' }),
      shouldCleanPreparedDirectory: () => true,
    },
  });
const outputDir = () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mlops-docs-test-'));
  made.push(folder);
  return folder;
};

it('reads the pages of a project from the portal and renders them with what TechDocs wants to know', async () => {
  const { preparedDir, etag } = await preparer().prepare(entity('MLProject'), {
    etag: 'v0',
    logger,
  });
  made.push(preparedDir);
  expect(asked).toEqual(['Bearer t /mlops/projects/one/docs']);
  const folder = outputDir();
  await new ProjectDocsGenerator({
    run: () => Promise.reject(new Error('not theirs')),
  }).run({ inputDir: preparedDir, outputDir: folder, etag, logger });
  const read = (name: string) =>
    fs.readFileSync(path.join(folder, name), 'utf8');
  expect(read('index.html')).toContain('<h1 id="hello">Hello</h1>');
  expect(JSON.parse(read('techdocs_metadata.json'))).toMatchObject({
    site_name: 'Project one',
    etag: 'v1',
    build_timestamp: expect.any(Number),
    files: expect.arrayContaining(['index.html', 'search/search_index.json']),
  });
});

it('makes nothing anew while the pages are the same', async () => {
  await expect(
    preparer().prepare(entity('MLProject'), { etag: 'v1', logger }),
  ).rejects.toBeInstanceOf(NotModifiedError);
});

it('fails with the words of the portal, and writes no file beside its folder', async () => {
  given = undefined;
  await expect(
    preparer().prepare(entity('MLProject'), { logger }),
  ).rejects.toThrow(/404/);
  given = { ...docs, files: [{ path: '../../evil.md', base64: '' }] };
  await expect(
    preparer().prepare(entity('MLProject'), { logger }),
  ).rejects.toThrow(/not allowed|outside|escapes/i);
});

it('leaves the docs of everything else to those who did them before', async () => {
  expect(await preparer().prepare(entity('Component'), { logger })).toEqual({
    preparedDir: 'theirs',
    etag: 'e',
  });
  expect(asked).toEqual([]);
  const inputDir = outputDir();
  let ran = false;
  await new ProjectDocsGenerator({
    run: async () => {
      ran = true;
    },
  }).run({ inputDir, outputDir: outputDir(), logger });
  expect(ran).toBe(true);
});

it('has TechDocs build the docs of every project, also after one that fails', async () => {
  const calls: string[] = [];
  const portal = http.createServer((request, response) => {
    calls.push(request.url!);
    response.statusCode = request.url!.endsWith('/two') ? 500 : 200;
    response.end(
      JSON.stringify({
        projects: [{ name: 'one' }, { name: 'two' }, { name: 'three' }],
      }),
    );
  });
  await new Promise<void>(resolve => {
    portal.listen(0, '127.0.0.1', resolve);
  });
  const told: string[] = [];
  const { port } = portal.address() as AddressInfo;
  const builds = new ProjectDocsBuilds({
    auth: {
      getOwnServiceCredentials: async () => ({} as any),
      getPluginRequestToken: async () => ({ token: 't' }),
    },
    discovery: { getBaseUrl: async id => `http://127.0.0.1:${port}/${id}` },
    logger: { debug: message => told.push(message) },
  });
  try {
    await builds.build();
    expect(calls).toEqual([
      '/mlops/catalog',
      ...['one', 'two', 'three'].map(
        name => `/techdocs/sync/default/mlproject/${name}`,
      ),
    ]);
    expect(told).toEqual([
      'The docs of two were not built: techdocs answered 500',
    ]);
  } finally {
    await new Promise(resolve => portal.close(resolve));
  }
});
