/*
 * `npm run bench`: how quick the engine, training and the list of projects are, each beside something bare in the same run, since
 * seconds of one machine say nothing on another. `--only engine|dag|training|projects|changes|effect|cluster` runs one part. No part of npm test.
 */
import os from 'node:os';
import path from 'node:path';
import { root } from './lib/paths.mjs';
import { endOnSignals, prepare } from './lib/prepare.mjs';
import { childEnvironment, run } from './lib/run.mjs';
import { endWith, say, Trouble } from './lib/say.mjs';

const parts = [
  'engine',
  'dag',
  'training',
  'projects',
  'changes',
  'effect',
  'cluster',
];

async function main() {
  const [option, only, ...rest] = process.argv.slice(2);
  if (
    option !== undefined &&
    (option !== '--only' || !parts.includes(only) || rest.length > 0)
  )
    throw new Trouble(
      `npm run bench takes nothing, or --only <${parts.join('|')}>.`,
    );
  endOnSignals();
  const node = await prepare();
  const busy = os.loadavg()[0];
  const cores = os.availableParallelism();
  say(`${cores} cores, of which ${busy.toFixed(1)} were busy before.`);
  if (busy > cores / 2)
    say('Other work takes part: compare the ratios, not the times.');
  let code = 0;
  for (const part of parts.filter(name => !only || name === only)) {
    say(`\n== ${part} ==`);
    const result = await run(node, benchArguments(part), {
      env: childEnvironment(node, { MLOPS_TEST_NODE: node }),
      show: true,
      bound: true,
    });
    code ||= result.code;
  }
  process.exit(code);
}

// The backend's own way of reading TypeScript, since its rooms are measured from the inside.
const benchArguments = part => [
  '--no-warnings',
  '--require',
  path.join(root, 'node_modules/@backstage/cli-node/config/nodeTransform.cjs'),
  path.join(root, 'tests/bench', `${part}.bench.ts`),
];

main().catch(endWith);
