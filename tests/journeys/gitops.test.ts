/*
 * The repository as people use it: a copied project runs, a broken commit fails where it is broken, an old commit stays green.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { Clone } from '../support/gitops.ts';
import {
  runEnd,
  startTestPortal,
  waitFor,
  type TestPortal,
} from '../support/portal.ts';

let portal: TestPortal;
let clone: Clone;
before(async () => {
  portal = await startTestPortal();
  clone = new Clone(portal.data);
});
after(async () => {
  clone?.remove();
  await portal?.stop();
});

const projectAt = (name: string, commit: string) =>
  waitFor(
    `project ${name} at ${commit.slice(0, 8)}`,
    async () => {
      const { status, body } = await portal.call('GET', `projects/${name}`);
      return status === 200 && body.commit === commit && body;
    },
    5_000,
  );

const run = async (project: string, pipeline: string, ref?: string) => {
  const { status, body } = await portal.call('POST', 'runs', {
    project,
    pipeline,
    ref,
  });
  assert.equal(status, 201, JSON.stringify(body));
  return runEnd(portal, body.id, 120_000);
};

describe('a copied project', () => {
  it('is seen within 5 s of the push and trains on its own data', async () => {
    fs.cpSync(
      clone.path('ml-projects/penguins'),
      clone.path('ml-projects/mine'),
      { recursive: true },
    );
    for (const file of ['mlproject.yaml', 'package.json'])
      clone.write(
        `ml-projects/mine/${file}`,
        clone
          .read(`ml-projects/mine/${file}`)
          .replace(/name: penguins/, 'name: mine')
          .replace('@ml-projects/penguins', '@ml-projects/mine'),
      );
    const data = fs
      .readdirSync(clone.path('ml-projects/mine/data'))
      .find(name => name.endsWith('.csv'))!;
    const lines = clone
      .read(`ml-projects/mine/data/${data}`)
      .trim()
      .split('\n');
    clone.write(
      `ml-projects/mine/data/${data}`,
      `${lines.filter((_, i) => i === 0 || i % 10 !== 0).join('\n')}\n`,
    );
    const commit = clone.push('Add mine');
    const project = await projectAt('mine', commit);
    assert.equal(project.state, 'ok', JSON.stringify(project.problems));
    const finished = await run('mine', 'train');
    assert.equal(finished.phase, 'Succeeded', JSON.stringify(finished.cause));
    const { body } = await portal.call(
      'GET',
      `models/mine/${project.models[0].name}`,
    );
    assert.equal(body.versions.length, 1);
    const { body: dataset } = await portal.call(
      'GET',
      `datasets/mine/${project.datasets[0]}`,
    );
    assert.ok(dataset.report.rows < lines.length - 20, 'it read its own data');
  });
});

describe('a broken commit', () => {
  it("fails with the step's own error, and the commit before it still runs", async () => {
    const good = clone.git('rev-parse', 'HEAD');
    const step = (
      fs.readdirSync(clone.path('ml-projects/penguins/src'), {
        recursive: true,
      }) as string[]
    ).find(name => /verify\.ts$/.test(name))!;
    const source = clone.read(`ml-projects/penguins/src/${step}`);
    clone.write(
      `ml-projects/penguins/src/${step}`,
      `throw new Error('the scale was not calibrated');\n${source}`,
    );
    const commit = clone.push('Break verify');
    await projectAt('penguins', commit);
    const broken = await run('penguins', 'train');
    assert.equal(broken.phase, 'Failed');
    assert.equal(broken.commit, commit);
    assert.match(broken.cause.message, /exit code 1/);
    const log = await (
      await portal.fetch(
        `runs/${broken.id}/nodes/${
          Object.values<any>(broken.nodes).find(
            node => node.type === 'Pod' && node.phase === 'Failed',
          ).id
        }/log`,
      )
    ).text();
    assert.match(log, /the scale was not calibrated/);
    assert.match(`${broken.cause.message}`, /the scale was not calibrated/);
    const old = await run('penguins', 'train', good);
    assert.equal(old.phase, 'Succeeded', JSON.stringify(old.cause));
    assert.equal(old.commit, good);
  });
});

describe('a faulty project file', () => {
  it('is shown with its place, harms no other, and the last good state stays', async () => {
    const file = 'ml-projects/mine/mlproject.yaml';
    const text = clone.read(file);
    clone.write(
      file,
      text.replace(/^( *)lifecycle: .*$/m, '$1lifecycel: production'),
    );
    const commit = clone.push('Misspell a field');
    const project = await projectAt('mine', commit);
    assert.equal(project.state, 'faulty');
    const line = text.split('\n').findIndex(row => /lifecycle:/.test(row)) + 1;
    const fault = project.problems.find((problem: any) =>
      /lifecycel/.test(problem.message),
    );
    assert.equal(fault.line, line);
    assert.equal(fault.file, file);
    assert.ok(fault.column > 0);
    assert.ok(project.lastGoodCommit);
    assert.ok(project.file.spec.lifecycle);
    const { body } = await portal.call('GET', 'projects/penguins');
    assert.equal(body.state, 'ok');
  });
});
