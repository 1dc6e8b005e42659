import { execFileSync } from 'node:child_process';
import path from 'node:path';
import {
  databases,
  projectFile,
  startPortal,
  templateFile,
  type TestPortal,
} from '../__testUtils__/startPortal';

jest.setTimeout(90_000);

const train = 'ml-projects/fruit/pipelines/train.yaml';
const pipeline = templateFile(
  'train',
  `entrypoint: main
arguments:
  parameters:
    - { name: epochs, value: '3' } # how long
templates:
  - name: main
    script: { image: tools, command: [sh], source: 'echo {{workflow.parameters.epochs}}' }`,
);
const body = (edits: object[]) => ({ project: 'fruit', title: 'Try', edits });
const at = ['spec', 'arguments', 'parameters', 0, 'value'];

describe.each(databases)('the effect of edits, %s', client => {
  let portal: TestPortal;
  const refs = () =>
    execFileSync('git', ['for-each-ref'], {
      cwd: path.join(portal.folder, 'data/gitops.git'),
      encoding: 'utf8',
    });

  beforeAll(async () => {
    portal = await startPortal(client, {
      'ml-projects/fruit/mlproject.yaml': projectFile('fruit'),
      [train]: pipeline,
    });
  });
  afterAll(() => portal.stop());

  it('is told, and nothing is written', async () => {
    const before = refs();
    const { status, body: effect } = await portal.post(
      'effect',
      body([{ path: train, set: [{ at, value: '5' }] }]),
    );
    expect(status).toBe(200);
    expect(effect).toMatchObject({
      parameters: [
        { pipeline: 'train', name: 'epochs', before: '3', after: '5' },
      ],
      rerun: ['main'],
      cached: [],
      affected: { pipelines: ['train'] },
      findings: [],
    });
    expect(effect.files[0].diff).toContain("value: '5' } # how long");
    expect(refs()).toBe(before);
    expect((await portal.get('changes?project=fruit')).body).toEqual({
      items: [],
    });
  });

  it('names what is wrong with its place', async () => {
    const { body: effect } = await portal.post(
      'effect',
      body([
        { path: train, set: [{ at: ['spec', 'entrypoint'], value: 'x' }] },
      ]),
    );
    expect(effect.findings[0]).toMatchObject({
      file: train,
      severity: 'error',
      line: expect.any(Number),
    });
  });

  it.each([
    [[{ path: '../x', content: '' }]],
    [[{ path: 'elsewhere/x', content: '' }]],
    [[{ path: train, set: [{ at: ['a', 'b'], value: 1 }] }]],
    [[{ path: train }]],
    ['none'],
  ])('has the faults of a change: %j', async edits => {
    const effect = await portal.post('effect', body(edits as object[]));
    const change = await portal.post('changes', body(edits as object[]));
    expect(effect.status).toBe(400);
    expect(effect.body.error).toEqual(change.body.error);
  });
});
