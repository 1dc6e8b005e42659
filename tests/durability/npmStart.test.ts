/*
 * `npm start` as a person uses it, with a training that goes on: the portal is killed and started again, then ended by Ctrl-C and
 * started again. One state, three starts.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  processesThatName,
  start,
  temporaryFolder,
  type Started,
} from '../bootstrap/starter.ts';
import { callerWith, tokenOf, type Caller } from '../support/people.ts';
import { freePort, waitFor } from '../support/portal.ts';
import { seedProject } from '../support/seedProject.ts';

const epochs = 60;
const folder = temporaryFolder();
const seed = path.join(folder, 'seed');
const data = path.join(folder, 'data');
let port: number;
let npm: Started;
let portal: Caller;

/** Trains a small network. What it measured goes to the tracking server every twenty epochs; the log has every one. */
const training = `
          (async () => {
            const { loadTensorflow } = await import('/srv/packages/tfjs-runtime/src/index.ts');
            const { fromEnvironment } = await import('/srv/packages/mlops-client/src/index.ts');
            const { tf } = await loadTensorflow();
            const client = fromEnvironment();
            const model = tf.sequential({ layers: [tf.layers.dense({ inputShape: [4], units: 1 })] });
            model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
            const xs = tf.randomUniform([64, 4], -1, 1, 'float32', 7);
            const ys = xs.sum(1, true);
            let last;
            await model.fit(xs, ys, {
              epochs: {{workflow.parameters.epochs}},
              verbose: 0,
              callbacks: {
                onEpochEnd: async (epoch, { loss }) => {
                  last = loss;
                  console.log('epoch ' + (epoch + 1));
                  client.metric('loss', loss, epoch + 1);
                  if ((epoch + 1) % 20 === 0) await client.flush();
                  await new Promise(resolve => setTimeout(resolve, 150));
                },
              },
            });
            await client.flush();
            require('fs').writeFileSync('/tmp/loss', String(last));
          })();
`;

const pipeline = `apiVersion: argoproj.io/v1alpha1
kind: WorkflowTemplate
metadata: { name: learn }
spec:
  entrypoint: main
  arguments: { parameters: [{ name: epochs, value: '${epochs}' }] }
  templates:
    - name: main
      outputs: { parameters: [{ name: loss, valueFrom: { path: /tmp/loss } }] }
      script:
        image: mlops-steps:22
        command: [node]
        source: |${training}`;

before(async () => {
  seedProject(seed, { name: 'learner', pipeline: 'learn', text: pipeline });
  port = await freePort();
});
after(async () => {
  // Only when a test failed on the way.
  if (npm?.child.exitCode === null) process.kill(-npm.child.pid!, 'SIGTERM');
  await npm?.end;
  fs.rmSync(folder, { recursive: true, force: true });
});

async function npmStart() {
  npm = start('npm', ['start'], {
    env: {
      PORT: String(port),
      MLOPS_DATA_DIRECTORY: data,
      APP_CONFIG_mlops_gitops_seed_from: JSON.stringify(seed),
      APP_CONFIG_mlops_firstRun_project: 'learner',
      APP_CONFIG_mlops_firstRun_pipeline: 'learn',
    },
  });
  await npm.said(/^http:\/\/localhost:\d+\/mlops/m, 180_000);
  const url = `http://localhost:${port}`;
  portal = callerWith(url, await tokenOf(url, 'guest'));
}

/** Number of the one process whose command line has both words. */
function processOf(...words: string[]): number {
  const found = processesThatName(data).filter(line =>
    words.every(word => line.includes(word)),
  );
  assert.equal(found.length, 1, found.join('\n'));
  return parseInt(found[0], 10);
}
const backend = () => processOf('src/index', '--require');

/** What the one step of a run wrote on disk. */
const stepOf = (run: string) => {
  const [step] = fs.readdirSync(path.join(data, 'runs', run));
  const file = (name: string) => path.join(data, 'runs', run, step, name);
  return {
    pid: (): number =>
      JSON.parse(fs.readFileSync(file('start.json'), 'utf8')).pid,
    epochs: () =>
      fs
        .readFileSync(file('log'), 'utf8')
        .split('\n')
        .filter(line => line.startsWith('epoch')),
  };
};

const begun = (run: string, count: number) =>
  waitFor(
    `${count} epochs of ${run}`,
    async () => stepOf(run).epochs().length >= count,
    180_000,
  );

const ended = (run: string) =>
  waitFor(
    `the end of ${run}`,
    async () => {
      const { body } = await portal.call('GET', `runs/${run}`);
      return ['Succeeded', 'Failed', 'Error'].includes(body.phase) && body;
    },
    180_000,
  );

const all = (count: number) =>
  Array.from({ length: count }, (_, i) => `epoch ${i + 1}`);

describe('npm start, with a training that goes on', () => {
  it('is killed and started again: the same process is still training, its log has no gap, its result counts', async () => {
    await npmStart();
    const { body } = await portal.call('GET', 'runs');
    const [{ id, trackingRunId }] = body.items;
    await begun(id, 5);
    const step = stepOf(id);
    const pid = step.pid();
    const then = step.epochs().length;
    process.kill(backend(), 'SIGKILL');
    const { code, complaint } = await npm.end;
    assert.equal(code, 1);
    assert.match(complaint, /The portal ended by itself \(SIGKILL\)/);
    // After each twenty it waits for a portal that takes its figures.
    await waitFor('training without a portal', async () => {
      const { length } = step.epochs();
      return length > then || length % 20 === 0;
    });

    await npmStart();
    assert.equal(step.pid(), pid);
    const run = await ended(id);
    assert.equal(run.phase, 'Succeeded', run.message);
    assert.deepEqual(step.epochs(), all(epochs));
    const [node] = Object.values<any>(run.nodes);
    assert.match(node.outputs.parameters[0].value, /^\d/);
    const log = await portal.fetch(`runs/${id}/nodes/${node.id}/log`);
    assert.deepEqual(
      (await log.text()).split('\n').filter(line => line.startsWith('epoch')),
      all(epochs),
    );
    const history = await portal.call(
      'GET',
      `api/2.0/mlflow/metrics/get-history?run_id=${trackingRunId}&metric_key=loss`,
    );
    assert.deepEqual(
      history.body.metrics.map((metric: any) => Number(metric.step)),
      Array.from({ length: epochs }, (_, i) => i + 1),
    );
    assert.equal(fs.readdirSync(path.join(data, 'runs', id)).length, 1);
  });

  it('is ended by Ctrl-C: no process is left, the node says so, and the run is retried from there', async () => {
    const submitted = await portal.call('POST', 'runs', {
      project: 'learner',
      pipeline: 'learn',
      parameters: { epochs: '100000' },
    });
    assert.equal(submitted.status, 201, JSON.stringify(submitted.body));
    const { id } = submitted.body;
    await begun(id, 2);
    process.kill(-npm.child.pid!, 'SIGINT');
    const { complaint, output } = await npm.end;
    assert.equal(complaint, '');
    assert.match(output, /Stopping the portal and its steps/);
    await waitFor(
      'the end of all processes',
      async () => processesThatName(data).length === 0,
    ).catch(() => assert.deepEqual(processesThatName(data), []));

    await npmStart();
    const { body: run } = await portal.call('GET', `runs/${id}`);
    const [node] = Object.values<any>(run.nodes);
    assert.deepEqual(
      [run.phase, node.phase, node.message],
      ['Failed', 'Failed', 'portal was shut down'],
    );
    const retry = await portal.call('POST', `runs/${id}/retry`, {
      parameters: { epochs: '3' },
    });
    assert.equal(retry.status, 200, JSON.stringify(retry.body));
    const again = await ended(id);
    assert.equal(again.phase, 'Succeeded', again.message);
    process.kill(npm.child.pid!, 'SIGTERM');
    await npm.end;
    await waitFor(
      'the end of all processes',
      async () => processesThatName(data).length === 0,
    );
  });
});
