/*
 * `npm run mutate`: which faults would the tests not see? One place after another of the code that decides is made wrong, and the
 * tests of that code run. The score is the share that a test found; what survived is listed. By default a fixed choice of each file
 * within fifteen minutes; `--all` takes every place, `--only <text>` files whose path has it, `--minutes <n>` and `--seed <n>` as said.
 */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { endKept, keep } from './lib/keeper.mjs';
import { MutantTests } from './lib/MutantTests.mjs';
import { mutantsOf, sample } from './lib/mutants.mjs';
import { root } from './lib/paths.mjs';
import { endOnSignals, prepare } from './lib/prepare.mjs';
import { endWith, say, Trouble } from './lib/say.mjs';

// Random and hostile inputs take long, and find little that the others do not.
const slow = ['invariants.test.ts', 'hostile.test.ts'];
const engine = 'packages/argo-engine/src';
const runs = 'plugins/mlops-backend/src/runs';
const rooms = [
  {
    files: [
      ...listOf(`${engine}/operate`),
      `${engine}/expressions/depends.ts`,
      `${engine}/expressions/tags.ts`,
      ...listOf(`${engine}/person`),
    ],
    // The quick ones first: most faults need no more.
    tests: [
      ...testsOf(`${engine}/person`),
      ...testsOf(`${engine}/operate`),
      ...testsOf(`${engine}/expressions`),
      `${engine}/golden.test.ts`,
    ],
  },
  {
    files: [`${runs}/Leases.ts`, `${runs}/decide.ts`],
    tests: [`${runs}/Leases.test.ts`, `${runs}/decide.test.ts`],
  },
];
const perFile = 8;

function listOf(folder) {
  return fs
    .readdirSync(path.join(root, folder))
    .filter(name => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map(name => `${folder}/${name}`);
}

function testsOf(folder) {
  return fs
    .readdirSync(path.join(root, folder))
    .filter(name => name.endsWith('.test.ts') && !slow.includes(name))
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
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mlops-mutate-'));
  keep({ folder });
  const workers = [];
  endOnSignals();
  const node = await prepare({ app: false });
  const ts = createRequire(path.join(root, 'package.json'))('typescript');
  const end = Date.now() + (options.all ? Infinity : options.minutes * 60_000);
  const results = [];
  try {
    for (const room of rooms) {
      const mutants = room.files
        .filter(file => file.includes(options.only))
        .flatMap(file => {
          const text = fs.readFileSync(path.join(root, file), 'utf8');
          const found = mutantsOf(ts, file, text);
          return options.all ? found : sample(found, perFile, options.seed);
        });
      if (mutants.length === 0) continue;
      const chosen = sample(mutants, mutants.length, options.seed);
      const added = Array.from(
        { length: Math.min(os.availableParallelism(), chosen.length) },
        () => new MutantTests({ node, folder, tests: room.tests }),
      );
      workers.push(...added);
      results.push(...(await tryAll(added, chosen, end)));
      added.forEach(worker => worker.end());
    }
  } finally {
    workers.forEach(worker => worker.end());
    await endKept();
  }
  report(results);
  return 0;
}

async function tryAll(workers, mutants, end) {
  const queue = [...mutants];
  const results = [];
  const work = async worker => {
    await worker.checkUnchanged();
    for (let mutant = queue.shift(); mutant; mutant = queue.shift()) {
      if (Date.now() > end) {
        results.push({ ...mutant, outcome: 'not tried' });
        continue;
      }
      const failed = await worker.firstFailure(mutant);
      const outcome = failed === undefined ? 'survived' : 'found';
      results.push({ ...mutant, outcome });
      if (outcome === 'survived') say(lineOf(mutant));
    }
  };
  await Promise.all(workers.map(work));
  return results;
}

const lineOf = ({ file, line, what, was, becomes }) =>
  `survived  ${file}:${line}  ${what}: ${short(was)} -> ${short(becomes)}`;
const short = text => {
  const flat = text.replace(/\s+/g, ' ');
  return flat.length > 60 ? `${flat.slice(0, 57)}...` : flat;
};

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
