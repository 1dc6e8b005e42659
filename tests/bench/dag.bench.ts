/*
 * A large run: a DAG of 1,000 steps that run `true`, through a real engine with its database in a file and the real executor. Beside
 * it, what a node costs in a DAG of 100, so that what grows faster than the run shows, and the bare processes.
 */
import { spawn } from 'node:child_process';
import { initialState, newWorkflow, parseWorkflows } from './rooms.ts';
import { startEngine, type Bench } from './startEngine.ts';
import { goal, tell, timeOf } from './measure.ts';

const goalSeconds = 60;
const layer = 10;

/** Layers of ten tasks, each task behind two of the layer before. */
function dag(count: number): string {
  const tasks = Array.from({ length: count }, (_, i) => {
    const above = Math.floor(i / layer - 1) * layer;
    const needs =
      i < layer
        ? ''
        : `, depends: "t${above + (i % layer)} && t${
            above + ((i + 1) % layer)
          }"`;
    return `          - { name: t${i}, template: nothing${needs} }`;
  });
  return [
    'apiVersion: argoproj.io/v1alpha1',
    'kind: Workflow',
    'metadata: { name: dag }',
    'spec:',
    '  entrypoint: main',
    '  templates:',
    '    - name: nothing',
    '      container: { image: any, command: ["true"] }',
    '    - name: main',
    '      dag:',
    '        tasks:',
    ...tasks,
  ].join('\n');
}

let runs = 0;
async function throughEngine(bench: Bench, count: number): Promise<void> {
  const id = `dag-${(runs += 1)}`;
  const [document] = parseWorkflows(dag(count), 'bench.yaml').documents;
  const workflow = newWorkflow({
    document,
    name: id,
    creationTimestamp: new Date().toISOString(),
  });
  const phase = await bench.run({
    id,
    workflow,
    state: initialState(),
    isolation: 'namespaces',
  });
  if (phase !== 'Succeeded') throw new Error(`run ${id} is ${phase}`);
}

async function bare(count: number, parallel: number): Promise<void> {
  let left = count;
  const worker = async () => {
    while (left-- > 0)
      await new Promise((resolve, reject) => {
        const child = spawn('true', { stdio: 'ignore' });
        child.once('close', resolve);
        child.once('error', reject);
      });
  };
  await Promise.all(Array.from({ length: parallel }, worker));
}

/** What an engine's own process takes for a node: time on the clock, processor time, and memory at its highest. */
async function measured(count: number) {
  const bench = await startEngine();
  let peakBytes = 0;
  const look = setInterval(() => {
    peakBytes = Math.max(peakBytes, process.memoryUsage().rss);
  }, 100);
  const before = process.cpuUsage();
  const clock = await timeOf(() => throughEngine(bench, count));
  const { user, system } = process.cpuUsage(before);
  clearInterval(look);
  const plain = await timeOf(() => bare(count, bench.places));
  await bench.end();
  return {
    seconds: clock / 1000,
    clock: clock / count,
    cpu: (user + system) / 1000 / count,
    bare: plain / count,
    peakMebibytes: peakBytes / 1024 ** 2,
  };
}

await measured(20);
const small = await measured(100);
const large = await measured(1000);
const ms = (value: number) => `${value.toFixed(1)} ms a node`;
tell('a bare process (true)', ms(large.bare));
tell('engine, DAG of 100 nodes', ms(small.clock));
tell(
  'engine, DAG of 1,000 nodes',
  ms(large.clock),
  `${(large.clock / large.bare).toFixed(1)} x bare, ${(
    large.clock / small.clock
  ).toFixed(2)} x a node of 100`,
);
tell(
  '  of it in the portal itself',
  ms(large.cpu),
  `${(large.cpu / small.cpu).toFixed(2)} x a node of 100`,
);
tell(
  '  the whole run',
  `${large.seconds.toFixed(1)} s`,
  goal(large.seconds, goalSeconds, 's'),
);
tell(
  '  highest memory of the process',
  `${large.peakMebibytes.toFixed(0)} MiB`,
);
