/*
 * Many runs on a cluster watched at once: 500 workflows of 50 nodes, each written 26 times by a controller. What it takes a portal, of
 * processor and memory, to show all of them, beside a process that only reads the same watch and parses its lines.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { contractPipelines } from '../cluster/pipelines.ts';
import { serveRepository } from '../cluster/servedRepository.ts';
import { startCluster } from '../cluster/startCluster.ts';
import { waitFor } from '../support/portal.ts';
import { SmallPortal } from '../support/smallPortal.ts';
import { goal, median, tell } from './measure.ts';

const runs = Number(process.env.MLOPS_BENCH_RUNS ?? 500);
const leaves = 49;
/** Milliseconds between two writes of one workflow; 500 of them give 125 writes a second. */
const everyMs = 4_000;

const labels = {
  'test/recorded': 'true',
  'backstage.io/kubernetes-id': 'small',
};

/** Trees as a controller would write them, two steps over with each. */
function history(name: string) {
  const nodeOf = (index: number, phase: string) => ({
    id: `${name}-${index}`,
    displayName: `step-${index}`,
    type: 'Pod',
    phase,
    templateName: 'step',
    boundaryName: name,
    inputs: { parameters: { index: String(index), seed: '7' } },
    ...(phase === 'Succeeded' ? { outputs: { exitCode: '0' } } : {}),
  });
  const frames = Math.ceil(leaves / 2) + 1;
  return {
    after: Array.from({ length: frames }, (_, frame) => {
      const done = frame * 2;
      const over = done >= leaves;
      const steps = Array.from({ length: leaves }, (_item, index) =>
        nodeOf(index, index < done ? 'Succeeded' : 'Pending'),
      );
      return {
        phase: over ? 'Succeeded' : 'Running',
        progress: `${Math.min(done, leaves)}/${leaves}`,
        nodes: {
          [name]: {
            id: name,
            displayName: name,
            type: 'DAG',
            phase: over ? 'Succeeded' : 'Running',
            templateName: 'main',
            children: steps.map((_step, index) => `${name}.step-${index}`),
          },
          ...Object.fromEntries(
            steps.map((step, index) => [`${name}.step-${index}`, step]),
          ),
        },
      };
    }),
  };
}

/** Seconds of processor and MiB of memory that a process has taken. */
function usageOf(pid: number) {
  const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1];
  const [user, system] = fields.split(' ').slice(11, 13).map(Number);
  const rss = /VmRSS:\s+(\d+)/.exec(
    fs.readFileSync(`/proc/${pid}/status`, 'utf8'),
  )!;
  return { seconds: (user + system) / 100, mib: Number(rss[1]) / 1024 };
}

const bare = `
const https = require('node:https');
const url = new URL('/apis/argoproj.io/v1alpha1/namespaces/ml/workflows?watch=true&resourceVersion=0&timeoutSeconds=3600', process.argv[1]);
let rest = '', events = 0, bytes = 0;
https.get(url, { headers: { authorization: 'Bearer ' + process.argv[2] }, ca: Buffer.from(process.argv[3], 'base64') }, answer => {
  answer.setEncoding('utf8');
  answer.on('data', piece => {
    bytes += piece.length;
    const lines = (rest + piece).split('\\n');
    rest = lines.pop();
    for (const line of lines) if (line && JSON.parse(line).type !== 'BOOKMARK') events += 1;
  });
});
setInterval(() => console.log(events + ' ' + bytes), 500);
`;

const tries = 10;

/** Milliseconds from when a workflow is there, as `argo submit` leaves it, until the portal shows its run. */
async function shownAfter(when: string): Promise<number[]> {
  const taken: number[] = [];
  for (let i = 0; i < tries; i++) {
    const name = `${when}-${i}`;
    await cluster.ask('create', {
      resource: 'workflows',
      namespace: 'ml',
      object: {
        metadata: { name, labels },
        spec: { entrypoint: 'main', templates: [] },
      },
    });
    const since = performance.now();
    while ((await portal.call('GET', `runs/${name}`)).status !== 200)
      await new Promise(resolve => setTimeout(resolve, 20));
    taken.push(performance.now() - since);
    await cluster.ask('play', {
      namespace: 'ml',
      name,
      recorded: { after: [{ phase: 'Succeeded', nodes: {} }] },
    });
  }
  return taken;
}

const tellShown = (what: string, taken: number[]) =>
  tell(
    what,
    `${median(taken).toFixed(0)} ms`,
    `${Math.max(...taken).toFixed(0)} ms at most; ${goal(
      Math.max(...taken),
      2000,
      'ms',
    )}`,
  );

const repository = await serveRepository(contractPipelines);
const cluster = await startCluster(repository.folder);
const data = fs.mkdtempSync(path.join(os.tmpdir(), 'mlops-bench-'));
const portal = await SmallPortal.start({
  data,
  seed: data,
  mlops: cluster.settings(repository.url),
});
const reader = spawn(process.execPath, [
  '-e',
  bare,
  cluster.url,
  cluster.token,
  cluster.caData,
]);
let [events, bytes] = [0, 0];
readline.createInterface(reader.stdout).on('line', line => {
  [events, bytes] = line.split(' ').map(Number);
});
try {
  await waitFor('the project', async () => {
    const { status } = await portal.call('GET', 'projects/small');
    return status === 200;
  });
  const alone = await shownAfter('alone');
  const before = { portal: usageOf(portal.pid), bare: usageOf(reader.pid!) };
  const begun = Date.now();
  for (let i = 0; i < runs; i++) {
    const name = `watched-${i}`;
    await cluster.ask('create', {
      resource: 'workflows',
      namespace: 'ml',
      object: {
        metadata: { name, labels },
        spec: { entrypoint: 'main', templates: [] },
      },
    });
    await cluster.ask('play', {
      namespace: 'ml',
      name,
      everyMs,
      recorded: history(name),
    });
  }
  let highest = 0;
  const looks = setInterval(() => {
    highest = Math.max(highest, usageOf(portal.pid).mib);
  }, 250);
  const amid = await shownAfter('amid');
  const isOver = (items: any[]) =>
    items.length === runs + 2 * tries &&
    items.every(({ status }) => status?.phase === 'Succeeded');
  await waitFor(
    'the controller to be done',
    async () =>
      isOver(
        await cluster.ask('list', { resource: 'workflows', namespace: 'ml' }),
      ),
    1_200_000,
  );
  const written = Date.now();
  await waitFor(
    'all runs to be over',
    async () =>
      (await portal.call('GET', 'health')).body.activeRuns === 0 &&
      (await portal.call('GET', `runs/watched-${runs - 1}`)).body.phase ===
        'Succeeded',
    1_200_000,
  );
  clearInterval(looks);
  const late = (Date.now() - written) / 1000;
  const wall = (Date.now() - begun) / 1000;
  const after = { portal: usageOf(portal.pid), bare: usageOf(reader.pid!) };
  const spent = after.portal.seconds - before.portal.seconds;
  const least = after.bare.seconds - before.bare.seconds;
  tell(
    'events of the watch',
    `${events}`,
    `${(bytes / 1e6).toFixed(0)} MB in ${wall.toFixed(0)} s`,
  );
  tell('reading and parsing them alone', `${least.toFixed(1)} s of CPU`);
  tell(
    'the portal',
    `${spent.toFixed(1)} s of CPU`,
    `${(spent / least).toFixed(1)} x; ${((spent / wall) * 100).toFixed(
      0,
    )} % of one core; ${((spent / events) * 1000).toFixed(1)} ms an event`,
  );
  tell(
    'memory of the portal',
    `${highest.toFixed(0)} MiB`,
    `${before.portal.mib.toFixed(0)} MiB before`,
  );
  tell('all shown after the last write', `${late.toFixed(1)} s`);
  tellShown('a run started elsewhere is shown after', alone);
  tellShown('the same while all the others go on', amid);
} finally {
  reader.kill();
  await portal.kill();
  await cluster.stop();
  repository.stop();
  fs.rmSync(data, { recursive: true, force: true });
}
