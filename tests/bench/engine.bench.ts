/*
 * What the engine adds to a step: runs of steps that do nothing, beside the bare processes. A real RunSupervisor with its
 * database in a file, the real executor, isolated and plain.
 */
import { initialState, newWorkflow, parseWorkflows } from './rooms.ts';
import { startEngine, type Bench } from './startEngine.ts';
import { goal, inTurns, tell, timeOf } from './measure.ts';
import { spawn } from 'node:child_process';

const command = ['sh', '-c', ':'];
const rounds = 3;

function pipeline(name: string, steps: string): string {
  return [
    'apiVersion: argoproj.io/v1alpha1',
    'kind: Workflow',
    `metadata: { name: ${name} }`,
    'spec:',
    '  entrypoint: main',
    '  templates:',
    '    - name: nothing',
    `      container: { image: any, command: ${JSON.stringify(command)} }`,
    '    - name: main',
    '      steps:',
    steps,
  ].join('\n');
}

const shapes = {
  sequence: {
    count: 50,
    text: pipeline(
      'sequence',
      Array.from(
        { length: 50 },
        (_, i) => `        - - { name: s${i}, template: nothing }`,
      ).join('\n'),
    ),
  },
  wide: {
    count: 100,
    text: pipeline(
      'wide',
      `        - - { name: all, template: nothing, withItems: [${[
        ...Array(100).keys(),
      ]}] }`,
    ),
  },
};

let runs = 0;
async function throughEngine(
  bench: Bench,
  text: string,
  isolation: 'namespaces' | 'none',
): Promise<void> {
  const id = `bench-${(runs += 1)}`;
  const [document] = parseWorkflows(text, 'bench.yaml').documents;
  const workflow = newWorkflow({
    document,
    name: id,
    creationTimestamp: new Date().toISOString(),
  });
  const phase = await bench.run({
    id,
    workflow,
    state: initialState(),
    isolation,
  });
  if (phase !== 'Succeeded') throw new Error(`run ${id} is ${phase}`);
}

async function bare(
  count: number,
  parallel: number,
  [program, ...args]: string[],
): Promise<void> {
  let left = count;
  const worker = async () => {
    while (left-- > 0)
      await new Promise((resolve, reject) => {
        const child = spawn(program, args, { stdio: 'ignore' });
        child.once('close', resolve);
        child.once('error', reject);
      });
  };
  await Promise.all(Array.from({ length: parallel }, worker));
}

const bench = await startEngine();
const room = 'unshare --mount --pid --fork --mount-proc'.split(' ');
for (const [shape, { count, text }] of Object.entries(shapes)) {
  const parallel = shape === 'wide' ? bench.places : 1;
  const perStep = async (work: () => Promise<unknown>) =>
    (await timeOf(work)) / count;
  const ms = await inTurns(rounds, {
    bare: () => perStep(() => bare(count, parallel, command)),
    room: () => perStep(() => bare(count, parallel, [...room, ...command])),
    node: () =>
      perStep(() => bare(count, parallel, [process.execPath, '-e', '0'])),
    plain: () => perStep(() => throughEngine(bench, text, 'none')),
    isolated: () => perStep(() => throughEngine(bench, text, 'namespaces')),
  });
  console.log(
    `${count} steps ${
      shape === 'wide'
        ? `side by side (${bench.places} places)`
        : 'one after the other'
    }`,
  );
  const line = (what: string, value: number, beside = '') =>
    tell(`  ${what}`, `${value.toFixed(1)} ms a step`, beside);
  const times = (value: number) =>
    `${(value / ms.bare).toFixed(1)} x bare, ${(value / ms.node).toFixed(
      1,
    )} x a Node.js that does nothing`;
  line('bare process (sh -c :)', ms.bare);
  line('bare process in namespaces of its own', ms.room);
  line('a Node.js that does nothing', ms.node);
  line('engine, plain', ms.plain, times(ms.plain));
  line(
    'engine, isolated',
    ms.isolated,
    `${times(ms.isolated)}; ${goal(ms.isolated, 60, 'ms')}`,
  );
}
await bench.end();
