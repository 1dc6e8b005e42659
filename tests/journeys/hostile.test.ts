/*
 * Project folders made to hurt: the portal stays quick for everybody else and says what is wrong with each.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { Clone } from '../support/gitops.ts';
import {
  startTestPortal,
  waitFor,
  type TestPortal,
} from '../support/portal.ts';

let portal: TestPortal;
let clone: Clone;
let slowestMs = 0;
let probing: ReturnType<typeof setInterval>;

before(async () => {
  portal = await startTestPortal();
  clone = new Clone(portal.data);
  const project = clone.read('ml-projects/penguins/mlproject.yaml');
  const pipeline = clone.read('ml-projects/penguins/pipelines/hello.yaml');
  const good = (name: string) => {
    clone.write(
      `ml-projects/${name}/mlproject.yaml`,
      project.replace(/name: penguins/, `name: ${name}`),
    );
    clone.write(`ml-projects/${name}/pipelines/hello.yaml`, pipeline);
  };
  for (let i = 0; i < 200; i++) good(`good-${i}`);
  for (const name of [
    'huge',
    'keys',
    'bomb',
    'link',
    'binary',
    'cycle',
    'unknown',
    'nested',
  ])
    good(name);
  clone.write(
    'ml-projects/huge/mlproject.yaml',
    `${project}\n# ${'x'.repeat(10 << 20)}\n`,
  );
  clone.write(
    'ml-projects/keys/pipelines/hello.yaml',
    `a:\n${Array.from({ length: 40_000 }, (_, i) => `  k${i}: 1`).join(
      '\n',
    )}\n`,
  );
  clone.write(
    'ml-projects/bomb/pipelines/hello.yaml',
    `${Array.from({ length: 9 }, (_, i) =>
      i
        ? `l${i}: &l${i} [${Array(9)
            .fill(`*l${i - 1}`)
            .join(',')}]`
        : 'l0: &l0 [x,x,x]',
    ).join('\n')}\n`,
  );
  fs.rmSync(clone.path('ml-projects/link/pipelines/hello.yaml'));
  fs.symlinkSync(
    '/etc/passwd',
    clone.path('ml-projects/link/pipelines/hello.yaml'),
  );
  clone.write(
    'ml-projects/binary/pipelines/hello.yaml',
    new Uint8Array([0, 159, 146, 150, 0, 255, 254]),
  );
  clone.write(
    'ml-projects/unknown/mlproject.yaml',
    `${project.replace(/name: penguins/, 'name: unknown')}\nsurprise: true\n`,
  );
  clone.write('ml-projects/nested/pipelines/hello.yaml', '['.repeat(100_000));
  clone.write(
    'ml-projects/cycle/pipelines/hello.yaml',
    [
      'apiVersion: argoproj.io/v1alpha1',
      'kind: WorkflowTemplate',
      'metadata: { name: hello }',
      'spec:',
      '  entrypoint: main',
      '  templates:',
      '    - name: main',
      '      dag:',
      '        tasks:',
      '          - { name: a, template: say, dependencies: [b] }',
      '          - { name: b, template: say, dependencies: [a] }',
      '    - name: say',
      '      container: { image: "mlops-steps:22", command: [echo] }',
      '',
    ].join('\n'),
  );
  probing = setInterval(async () => {
    const begun = performance.now();
    await fetch(`${portal.url}/api/mlops/health`);
    slowestMs = Math.max(slowestMs, performance.now() - begun);
  }, 50);
  clone.push('Hostile folders');
});
after(async () => {
  clearInterval(probing);
  clone?.remove();
  await portal?.stop();
});

const projectNamed = (name: string) =>
  waitFor(`project ${name}`, async () => {
    const { status, body } = await portal.call('GET', `projects/${name}`);
    return status === 200 && body;
  });

describe('hostile project folders', () => {
  for (const name of [
    'huge',
    'keys',
    'bomb',
    'link',
    'binary',
    'cycle',
    'unknown',
    'nested',
  ])
    it(`${name} is faulty, with file, line, column and a sentence`, async () => {
      const project = await projectNamed(name);
      assert.equal(project.state, 'faulty');
      for (const problem of project.problems.filter(
        (item: any) => item.severity === 'error',
      )) {
        assert.match(problem.file, new RegExp(`^ml-projects/${name}/`));
        assert.ok(
          problem.line >= 1 && problem.column >= 1,
          JSON.stringify(problem),
        );
        assert.ok(
          problem.message.length > 10 && problem.message.length < 1_000,
        );
      }
      assert.ok(project.problems.length > 0);
    });

  it('leaves the other 200 as they are', async () => {
    const names: string[] = [];
    let cursor: string | undefined;
    do {
      const { body } = await portal.call(
        'GET',
        `projects?limit=100${
          cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''
        }`,
      );
      names.push(
        ...body.items
          .filter((item: any) => item.state === 'ok')
          .map((item: any) => item.name),
      );
      cursor = body.nextCursor;
    } while (cursor);
    assert.equal(names.filter(name => name.startsWith('good-')).length, 200);
    assert.ok(names.includes('penguins'));
  });

  it('shows nothing of the host through a link', async () => {
    const { body } = await portal.call('GET', 'pipelines/link/hello');
    assert.doesNotMatch(JSON.stringify(body), /root:/);
  });

  it('keeps the health route under 200 ms meanwhile', () => {
    console.log(`slowest health answer: ${slowestMs.toFixed(0)} ms`);
    assert.ok(
      slowestMs < 200,
      `slowest answer took ${slowestMs.toFixed(0)} ms`,
    );
  });

  it('refuses to run a pipeline with a cycle, naming the file', async () => {
    const { status, body } = await portal.call('POST', 'runs', {
      project: 'cycle',
      pipeline: 'hello',
    });
    assert.equal(status, 400);
    assert.match(
      body.error.message,
      /ml-projects\/cycle\/pipelines\/hello\.yaml/,
    );
  });
});
