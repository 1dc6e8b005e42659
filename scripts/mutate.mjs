/*
 * `npm run mutate`: which faults would the tests not see? One place after another of the code that decides is made wrong, and the
 * tests of that code run. The score is the share that a test found; what survived is listed. By default a fixed choice of each file
 * within fifteen minutes; `--all` takes every place, `--only <text>` files whose path has it, `--minutes <n>` and `--seed <n>` as said.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { mutantsOf, sample } from './lib/mutants.mjs';
import { root } from './lib/paths.mjs';
import { endOnSignals, prepare } from './lib/prepare.mjs';
import { childEnvironment } from './lib/run.mjs';
import { endWith, say, Trouble } from './lib/say.mjs';

const engine = 'packages/argo-engine/src';
const rooms = [
  {
    files: [
      ...listOf(`${engine}/operate`),
      `${engine}/expressions/depends.ts`,
      `${engine}/expressions/tags.ts`,
      `${engine}/person/planRetry.ts`,
    ],
    tests: [`${engine}/person/planRetry.test.ts`, `${engine}/golden.test.ts`],
  },
  {
    files: ['plugins/mlops-backend/src/runs/Leases.ts'],
    tests: ['plugins/mlops-backend/src/runs/Leases.test.ts'],
  },
];
const perFile = 8;

function listOf(folder) {
  return fs
    .readdirSync(path.join(root, folder))
    .filter(name => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map(name => `${folder}/${name}`);
}

function optionsOf(given) {
  const options = { all: false, only: '', minutes: 15, seed: 1 };
  for (let at = 0; at < given.length; at += 1) {
    const name = given[at].replace(/^--/, '');
    if (name === 'all') options.all = true;
    else if (!(name in options) || given[at + 1] === undefined)
      throw new Trouble(
        'npm run mutate takes --all, --only <text>, --minutes <n>, --seed <n>.',
      );
    else {
      at += 1;
      options[name] = name === 'only' ? given[at] : Number(given[at]);
    }
  }
  return options;
}

async function main() {
  const options = optionsOf(process.argv.slice(2));
  endOnSignals();
  const node = await prepare({ app: false });
  const ts = createRequire(path.join(root, 'package.json'))('typescript');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mlops-mutate-'));
  const end = Date.now() + (options.all ? Infinity : options.minutes * 60_000);
  const results = [];
  try {
    for (const room of rooms) {
      const context = { node, folder, tests: room.tests };
      const wanted = room.files.filter(file => file.includes(options.only));
      if (wanted.length === 0) continue;
      context.timeoutMs = await measure(context);
      const mutants = wanted.flatMap(file => {
        const text = fs.readFileSync(path.join(root, file), 'utf8');
        const found = mutantsOf(ts, file, text);
        return options.all ? found : sample(found, perFile, options.seed);
      });
      const chosen = sample(mutants, mutants.length, options.seed);
      results.push(...(await tryAll(context, chosen, end)));
    }
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
  report(results);
  return 0;
}

// The tests must pass on the code as it is, and their time is the measure of one that never ends.
async function measure(context) {
  const began = Date.now();
  const { code, said } = await runTests({ ...context, timeoutMs: 600_000 });
  if (code !== 0)
    throw new Trouble(`The tests fail without any fault: ${said.trim()}`);
  return (Date.now() - began) * 4 + 10_000;
}

async function tryAll(context, mutants, end) {
  const queue = [...mutants];
  const results = [];
  const work = async () => {
    for (let mutant = queue.shift(); mutant; mutant = queue.shift()) {
      if (Date.now() > end) {
        results.push({ ...mutant, outcome: 'not tried' });
        continue;
      }
      const { code } = await runTests(context, mutant);
      const outcome = code === 0 ? 'survived' : 'found';
      results.push({ ...mutant, outcome });
      if (outcome === 'survived') say(lineOf(mutant));
    }
  };
  await Promise.all(
    Array.from({ length: Math.max(1, os.availableParallelism()) }, work),
  );
  return results;
}

const lineOf = ({ file, line, what, was, becomes }) =>
  `survived  ${file}:${line}  ${what}: ${short(was)} -> ${short(becomes)}`;
const short = text => {
  const flat = text.replace(/\s+/g, ' ');
  return flat.length > 60 ? `${flat.slice(0, 57)}...` : flat;
};

let runs = 0;
function runTests({ node, folder, tests, timeoutMs }, mutant) {
  runs += 1;
  const order = path.join(folder, `${runs}.json`);
  const file = mutant && path.join(root, mutant.file);
  const text = mutant && fs.readFileSync(file, 'utf8');
  fs.writeFileSync(
    order,
    JSON.stringify({
      root,
      tests,
      cache: folder,
      ...(mutant
        ? {
            file,
            code:
              text.slice(0, mutant.from) +
              mutant.becomes +
              text.slice(mutant.to),
          }
        : {}),
    }),
  );
  return new Promise(resolve => {
    const child = spawn(
      node,
      [path.join(root, 'scripts/lib/mutantRunner.cjs'), order],
      {
        cwd: root,
        env: childEnvironment(node),
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let said = '';
    child.stdout.on('data', data => (said += data));
    child.stderr.on('data', data => (said += data));
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    child.on('close', code => {
      clearTimeout(timer);
      fs.rmSync(order, { force: true });
      resolve({ code: code ?? 1, said: said.slice(-600) });
    });
  });
}

function report(results) {
  const count = (list, outcome) =>
    list.filter(item => item.outcome === outcome).length;
  const files = [...new Set(results.map(item => item.file))].sort();
  for (const file of files) {
    const list = results.filter(item => item.file === file);
    const tried = list.length - count(list, 'not tried');
    say(`${file}: ${count(list, 'found')} of ${tried} found`);
  }
  const found = count(results, 'found');
  const survived = count(results, 'survived');
  const left = count(results, 'not tried');
  const score =
    found + survived === 0 ? 0 : Math.round((found / (found + survived)) * 100);
  say(
    `Score ${score} %: ${found} faults found, ${survived} survived${
      left > 0 ? `, ${left} not tried for want of time` : ''
    }.`,
  );
}

main().catch(endWith);
