/*
 * The two sample projects over HTTP: from the list to a registered version, as a program would do it.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { runEnd, startTestPortal, type TestPortal } from '../support/portal.ts';

const folder = new URL('../../ml-projects/', import.meta.url);
const projects = readdirSync(folder)
  .filter(name => existsSync(new URL(`${name}/mlproject.yaml`, folder)))
  .sort();

let portal: TestPortal;
before(async () => {
  portal = await startTestPortal();
});
after(() => portal?.stop());

const submit = async (project: string, pipeline: string, more: object = {}) => {
  const { status, body } = await portal.call('POST', 'runs', {
    project,
    pipeline,
    ...more,
  });
  assert.equal(status, 201, JSON.stringify(body));
  return body;
};

const explain = (run: any) =>
  `${run.phase}: ${run.message ?? ''} ${JSON.stringify(run.cause ?? {})}`;

describe('project list', () => {
  it('shows every project of the repository, without faults', async () => {
    const { status, body } = await portal.call('GET', 'projects');
    assert.equal(status, 200);
    assert.deepEqual(
      body.items
        .filter((item: any) => item.state === 'ok')
        .map((item: any) => item.name)
        .sort(),
      projects,
    );
    for (const item of body.items.filter((one: any) =>
      projects.includes(one.name),
    )) {
      assert.equal(item.state, 'ok', JSON.stringify(item.problems));
      assert.match(item.commit, /^[0-9a-f]{40}$/);
      assert.deepEqual([...item.pipelines].sort(), ['hello', 'train']);
    }
  });

  it('answers 404 for a project that is not there', async () => {
    assert.equal((await portal.call('GET', 'projects/nobody')).status, 404);
  });
});

for (const project of projects) {
  describe(`hello of ${project}`, () => {
    it('fans out and joins', async () => {
      const run = await runEnd(portal, (await submit(project, 'hello')).id);
      assert.equal(run.phase, 'Succeeded', explain(run));
      const pods = Object.values<any>(run.nodes).filter(
        node => node.type === 'Pod',
      );
      assert.ok(pods.length >= 3);
      assert.ok(
        pods.every(
          node =>
            node.phase === 'Succeeded' && node.finishedAt >= node.startedAt,
        ),
      );
      const log = await portal.fetch(`runs/${run.id}/nodes/${pods[0].id}/log`);
      assert.equal(log.status, 200);
      assert.ok((await log.text()).length > 0);
    });
  });

  describe(`train of ${project}`, () => {
    let run: any;

    it('trains and registers a version', async () => {
      run = await runEnd(portal, (await submit(project, 'train')).id, 240_000);
      assert.equal(run.phase, 'Succeeded', explain(run));
      const { body } = await portal.call('GET', 'projects');
      const summary = body.items.find((item: any) => item.name === project);
      assert.equal(summary.lastRun.id, run.id);
      const [model] = summary.models;
      assert.equal(model.version, '1');
      assert.ok(
        model.metric.value >= 0.9,
        `${model.metric.name} is ${model.metric.value}`,
      );
      const seconds =
        (Date.parse(run.finishedAt) - Date.parse(run.startedAt)) / 1000;
      console.log(
        `${project}: train took ${seconds.toFixed(1)} s, ${model.metric.name} ${
          model.metric.value
        }`,
      );
    });

    it('pins commit, data and files of the version', async () => {
      const { body } = await portal.call('GET', `projects/${project}`);
      const name = body.models[0].name;
      const { body: model } = await portal.call(
        'GET',
        `models/${project}/${name}`,
      );
      const [version] = model.versions;
      assert.equal(version.runId, run.id);
      assert.equal(version.commit, run.commit);
      assert.match(version.digest, /^sha256:[0-9a-f]{64}$/);
      assert.match(version.dataset.digest, /^sha256:[0-9a-f]{64}$/);
      assert.ok(version.backend);
      const { body: detail } = await portal.call(
        'GET',
        `models/${project}/${name}/versions/1`,
      );
      assert.ok(detail.files.length >= 2);
      const { confusionMatrix, metrics, baseline, verdict } = detail.evaluation;
      const total = confusionMatrix.counts
        .flat()
        .reduce((sum: number, count: number) => sum + count, 0);
      assert.equal(total, detail.evaluation.examples);
      const right = confusionMatrix.counts.reduce(
        (sum: number, row: number[], i: number) => sum + row[i],
        0,
      );
      const accuracy = metrics.find(
        (metric: any) => metric.name === 'accuracy',
      );
      assert.ok(
        Math.abs(right / total - accuracy.value) < 1e-6,
        'the matrix gives the accuracy that is shown',
      );
      assert.ok(
        accuracy.interval.lower < accuracy.value &&
          accuracy.value <= accuracy.interval.upper,
      );
      assert.ok(baseline.value < accuracy.value);
      assert.ok(verdict.rule);
    });

    it('kept curves while it trained', async () => {
      const { body } = await portal.call('GET', `runs/${run.id}/metrics`);
      const curves = body.items.filter(
        (series: any) => series.points.length > 2,
      );
      assert.ok(curves.length >= 2, 'at least two candidates have a curve');
    });

    it('reports its data: accepted, set aside, with reasons', async () => {
      const { body: detail } = await portal.call('GET', `projects/${project}`);
      const { body: dataset } = await portal.call(
        'GET',
        `datasets/${project}/${detail.datasets[0]}`,
      );
      assert.equal(dataset.runId, run.id);
      assert.ok(dataset.report.rows > 100);
      assert.equal(dataset.history.length, 1);
      assert.ok(dataset.report.setAside.every((row: any) => row.reason));
      assert.ok(dataset.report.checks.length >= 3);
    });

    it('takes the data stages of an earlier run with the same data, and says where they come from', async () => {
      const again = await runEnd(
        portal,
        (
          await submit(project, 'train', { parameters: { epochs: '3' } })
        ).id,
        240_000,
      );
      const nodes = Object.values<any>(again.nodes);
      const hits = nodes.filter(node => node.memoizationStatus?.hit);
      assert.ok(hits.length >= 4, JSON.stringify(hits.map(node => node.name)));
      assert.ok(
        hits.every(node => node.memoizationStatus.fromRun === run.id),
        'the run that filled the cache is named',
      );
      assert.deepEqual(
        nodes
          .filter(node => node.type === 'Pod' && !node.memoizationStatus?.hit)
          .map(node => node.displayName.replace(/\(.*/, ''))
          .filter((name, i, all) => all.indexOf(name) === i)
          .slice(0, 2)
          .sort(),
        ['identify', 'train'],
      );
    });
  });
}
