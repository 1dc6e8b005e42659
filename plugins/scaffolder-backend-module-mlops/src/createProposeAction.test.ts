import { mockServices } from '@backstage/backend-test-utils';
import { createMockActionContext } from '@backstage/plugin-scaffolder-node-test-utils';
import { readProject } from '@backstage-mlops/mlops-core';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { portalPages } from '@backstage-mlops/mlops-core';
import { createProposeAction } from './createProposeAction';
import { projectFiles, type ProjectAnswers } from './projectFiles';

const skeletons = path.resolve(__dirname, '../templates');
const answers: ProjectAnswers = {
  name: 'late-trains',
  title: 'Late trains: "will it come?"',
  owner: 'group:default/team',
  task: 'tabular-classification',
  decides: 'Whether a train will be late.\n# no heading',
  forWhom: 'Travellers - and {{people}} who wait.',
  whyMachineLearning: 'yes',
  costOfWrongAnswer: 'A missed train: 20 minutes # or more',
  baseline: 'It is as late as yesterday.',
  data: 'The timetable of the railway.',
};
const tasks = ['tabular-classification', 'image-classification'] as const;

describe.each(tasks)('a new project, %s', task => {
  it('is in order, and says what was answered', async () => {
    const folder = 'ml-projects/late-trains';
    const files = await projectFiles(skeletons, folder, { ...answers, task });
    const read = readProject(
      folder,
      files.map(({ path: file, content }) => ({
        path: file.slice(folder.length + 1),
        text: content,
        sizeBytes: content.length,
        mode: '100644',
      })),
    );
    expect(read.problems).toEqual([]);
    expect(read.project?.metadata.title).toBe(answers.title);
    expect(read.project?.spec).toMatchObject({
      owner: answers.owner,
      problem: {
        decides: answers.decides.trim(),
        forWhom: answers.forWhom,
        whyMachineLearning: 'yes',
        costOfWrongAnswer: answers.costOfWrongAnswer,
      },
      baseline: { rule: answers.baseline },
    });
    expect(read.pipelines.map(({ name }) => name)).toEqual(['hello', 'train']);
    expect(read.models[0].value?.spec.task).toBe(task);
    expect(read.readme).not.toMatch(/%\w+%|^# no heading/m);
  });

  it('passes its own tests', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'new-project-'));
    try {
      for (const file of await projectFiles(skeletons, 'p', {
        ...answers,
        task,
      })) {
        const target = path.join(folder, file.path);
        fs.mkdirSync(path.dirname(target), { recursive: true });
        fs.writeFileSync(target, file.content);
      }
      const {
        NODE_OPTIONS: _options,
        NODE_TEST_CONTEXT: _context,
        ...env
      } = process.env;
      const told = execFileSync(
        process.execPath,
        ['--test', 'test/**/*.test.ts'],
        {
          cwd: path.join(folder, 'p'),
          encoding: 'utf8',
          env,
        },
      );
      expect(told).toMatch(/fail 0/);
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  }, 60_000);
});

describe('the action', () => {
  let server: Server;
  let asked: {
    method?: string;
    url?: string;
    headers: IncomingMessage['headers'];
    body: string;
  }[];
  let answer: (url: string) => { status: number; body: unknown };

  beforeEach(async () => {
    asked = [];
    server = createServer(async (request, response) => {
      let body = '';
      for await (const part of request) body += part;
      const { method, url, headers } = request;
      asked.push({ method, url, headers, body });
      const said = answer(url!);
      response.writeHead(said.status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(said.body));
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => new Promise(resolve => server.close(resolve)));

  const run = async (more: object = {}) => {
    const { port } = server.address() as AddressInfo;
    const action = createProposeAction({
      auth: mockServices.auth(),
      discovery: mockServices.discovery.mock({
        getBaseUrl: async () => `http://127.0.0.1:${port}/api/mlops`,
      }),
      skeletons,
      pages: portalPages('/ml'),
    });
    const context = {
      ...createMockActionContext({ input: { ...answers } }),
      ...more,
    };
    await action.handler(context as never);
    return context;
  };

  it('opens one request with all files in the name of the person', async () => {
    answer = url =>
      url.endsWith('/changes')
        ? { status: 201, body: { id: '4' } }
        : { status: 404, body: {} };
    const context = await run();
    expect(context.output).toHaveBeenCalledWith('change', '4');
    expect(context.output).toHaveBeenCalledWith('url', '/ml/changes/4');
    const [, open] = asked;
    expect(open).toMatchObject({ method: 'POST', url: '/api/mlops/changes' });
    expect(open.headers.authorization).toMatch(/^Bearer mock-service-token/);
    expect(open.headers['idempotency-key']).toMatch(
      /^scaffolder-.*late-trains$/,
    );
    const sent = JSON.parse(open.body);
    expect(sent.project).toBe('late-trains');
    expect(sent.edits.length).toBeGreaterThan(15);
    expect(sent.edits[0].path).toMatch(/^ml-projects\/late-trains\//);
  });

  it('says why in the portal’s words', async () => {
    answer = url =>
      url.endsWith('/changes')
        ? { status: 403, body: { error: { message: 'You may not propose.' } } }
        : { status: 404, body: {} };
    await expect(run()).rejects.toThrow('You may not propose.');
  });

  it('changes no project that is there, and opens nothing in a dry run', async () => {
    answer = () => ({ status: 200, body: {} });
    await expect(run()).rejects.toThrow(
      "There is a project 'late-trains' already",
    );
    asked = [];
    await run({ isDryRun: true });
    expect(asked).toEqual([]);
  });
});
