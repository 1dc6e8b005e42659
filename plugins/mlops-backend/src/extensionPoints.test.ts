/* The examples of docs/extend.md, in a portal. */
import {
  projectFile,
  startPortal,
  templateFile,
  type TestPortal,
} from './__testUtils__/startPortal';
import { serveRepository } from './__testUtils__/serveRepository';
import anotherEngine from './__testUtils__/examples/anotherEngine';
import anotherHost from './__testUtils__/examples/anotherHost';

describe('a portal with modules of its own', () => {
  let portal: TestPortal;
  let repository: Awaited<ReturnType<typeof serveRepository>>;
  beforeAll(async () => {
    repository = await serveRepository({
      'ml-projects/leaves/mlproject.yaml': projectFile('leaves'),
      'ml-projects/leaves/pipelines/train.yaml': templateFile(
        'train',
        "entrypoint: main\ntemplates:\n  - name: main\n    container: { image: tools, command: ['true'] }",
      ),
    });
    portal = await startPortal(
      'better-sqlite3',
      {},
      {
        gitops: { url: repository.url },
        externalUrl: 'https://portal.example.org',
      },
      [anotherEngine, anotherHost],
    );
  }, 120_000);
  afterAll(async () => {
    await portal?.stop();
    await repository?.stop();
  });

  it('runs on an engine that a module gives', async () => {
    const { status, body } = await portal.post('runs', {
      project: 'leaves',
      pipeline: 'train',
      engine: 'notebook',
    });
    expect([status, body.error]).toEqual([201, undefined]);
    expect(await portal.end(body.id)).toMatchObject({
      phase: 'Succeeded',
      engine: 'notebook',
    });
  }, 60_000);

  it('has its requests where a module keeps them', async () => {
    expect((await portal.get('changes')).body.items).toEqual([]);
    const { status, body } = await portal.post('changes', {
      project: 'leaves',
      title: 'Another',
      edits: [{ path: 'ml-projects/leaves/README.md', content: 'Hello\n' }],
    });
    expect(status).toBe(400);
    expect(body.error.message).toBe(
      `Changes are proposed at ${repository.url}.`,
    );
  }, 60_000);
});
