/* The examples of docs/extend.md, in a portal. */
import {
  projectFile,
  startPortal,
  templateFile,
  type TestPortal,
} from './__testUtils__/startPortal';
import anotherEngine from './__testUtils__/examples/anotherEngine';
import anotherHost from './__testUtils__/examples/anotherHost';

describe('a portal with modules of its own', () => {
  let portal: TestPortal;
  beforeAll(async () => {
    portal = await startPortal(
      'better-sqlite3',
      {
        'ml-projects/leaves/mlproject.yaml': projectFile('leaves'),
        'ml-projects/leaves/pipelines/train.yaml': templateFile(
          'train',
          "entrypoint: main\ntemplates:\n  - name: main\n    container: { image: tools, command: ['true'] }",
        ),
      },
      { externalUrl: 'https://portal.example.org' },
      [anotherEngine, anotherHost],
    );
  }, 60_000);
  afterAll(() => portal?.stop());

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
    expect(body.error.message).toMatch(/^Changes are proposed at /);
  }, 60_000);
});
