/*
 * Ctrl-C reaches the whole group of a terminal, a supervisor's TERM reaches npm alone: either way portal and steps end, and no process
 * is left. Shown on `npm start` itself, with a run that it submitted and that would go on for ten minutes. Ctrl-C with a run that
 * goes on is in `durability/npmStart.test.ts`. `npm run dev` ends as wholly.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { freePort, waitFor } from '../support/portal.ts';
import { seedProject } from '../support/seedProject.ts';
import {
  processesThatName,
  runScript,
  start,
  temporaryFolder,
} from './starter.ts';

const folder = temporaryFolder();
const seed = path.join(folder, 'seed');
/** A number of seconds that only the step of this test sleeps. */
const seconds = 600 + Math.random();

before(() =>
  seedProject(seed, {
    name: 'sleeper',
    pipeline: 'sleep',
    text: [
      'apiVersion: argoproj.io/v1alpha1',
      'kind: WorkflowTemplate',
      'metadata: { name: sleep }',
      'spec:',
      '  entrypoint: main',
      '  templates:',
      '    - name: main',
      '      script:',
      '        image: mlops-steps:22',
      '        command: [sh]',
      '        source: |',
      '          trap "" TERM',
      `          sleep ${seconds} &`,
      `          sleep ${seconds}`,
      '',
    ].join('\n'),
  }),
);
after(() => fs.rmSync(folder, { recursive: true, force: true }));

async function npmStart(name: string) {
  const data = path.join(folder, name);
  const started = start('npm', ['start'], {
    env: {
      PORT: String(await freePort()),
      MLOPS_DATA_DIRECTORY: data,
      APP_CONFIG_mlops_gitops_seed_from: JSON.stringify(seed),
      APP_CONFIG_mlops_firstRun_project: 'sleeper',
      APP_CONFIG_mlops_firstRun_pipeline: 'sleep',
    },
  });
  return { ...started, data };
}

const left = (data: string) => [
  ...processesThatName(data),
  ...processesThatName(String(seconds)),
];

describe('npm start, with a run that goes on', () => {
  it('TERM to npm alone leaves no process', async () => {
    const { child, said, end, data } = await npmStart('term');
    await said(/^http:\/\/localhost:\d+\/mlops\/runs\/\S+$/m, 60_000);
    await waitFor(
      'the sleeping step',
      async () => processesThatName(`sleep ${seconds}`).length >= 2,
    );
    process.kill(child.pid!, 'SIGTERM');
    const { complaint } = await end;
    assert.equal(complaint, '');
    await waitFor(
      'the end of all processes',
      async () => left(data).length === 0,
      30_000,
    ).catch(() => assert.deepEqual(left(data), []));
  });

  it('Ctrl-C while it boots leaves no process', async () => {
    const { child, said, end, data } = await npmStart('boot');
    await said(/Starting the portal/, 30_000);
    await new Promise(resolve => setTimeout(resolve, 1_000));
    process.kill(-child.pid!, 'SIGINT');
    const { code } = await end;
    assert.notEqual(code, 0);
    await waitFor(
      'the end of all processes',
      async () => left(data).length === 0,
      15_000,
    ).catch(() => assert.deepEqual(left(data), []));
  });
});

describe('npm run dev', () => {
  it('TERM to npm alone leaves no process, and nobody else took its data meanwhile', async () => {
    const data = path.join(folder, 'dev');
    const env = {
      PORT: String(await freePort()),
      PAGES_PORT: String(await freePort()),
      MLOPS_DATA_DIRECTORY: data,
    };
    const { child, said, end } = start('npm', ['run', 'dev'], { env });
    // Both are started by one process of Backstage, which starts the backend by another.
    await said(/Starting app, backend/, 120_000);
    await waitFor(
      'the backend',
      async () =>
        processesThatName(data).some(line => line.includes('src/index')),
      120_000,
    );
    const reset = await runScript('reset.mjs', { env });
    assert.match(reset.complaint, /^A portal on port \d+ .* Stop it first/);
    process.kill(child.pid!, 'SIGTERM');
    await end;
    await waitFor(
      'the end of all processes',
      async () => processesThatName(data).length === 0,
      60_000,
    ).catch(() => assert.deepEqual(processesThatName(data), []));
  });
});
