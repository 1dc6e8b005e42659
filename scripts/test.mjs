/*
 * `npm test`: every test there is, browser included, also on a clone where nothing was installed or started yet.
 * The last line is `N passed, N failed`. `--without-browser` leaves the browser tests out on purpose; `--only <name>` runs
 * one part: scripts, jest, node, tests, stock. The last of them, a fresh Backstage with the packed files, runs when it is named alone
 * (`npm run test:stock`): it installs two thousand packages.
 */
import { findBrowser } from './lib/browser.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { ensureAppBuilt } from './lib/buildApp.mjs';
import { ensureNode } from './lib/node.mjs';
import { checkGit, endOnSignals } from './lib/prepare.mjs';
import { endWith, say, step, Trouble } from './lib/say.mjs';
import {
  nodeTestFolders,
  runJest,
  runNodeTests,
  withPostgres,
} from './lib/suites.mjs';
import { summaryOf } from './lib/summaryOf.mjs';

async function main() {
  const { withoutBrowser, only } = readArguments(process.argv.slice(2));
  endOnSignals();
  checkGit();
  const node = await ensureNode();
  await ensureInstalled(node);
  const browser = withoutBrowser
    ? { MLOPS_TEST_WITHOUT_BROWSER: '1' }
    : await step('Finding a browser', () => findBrowser(node));
  if (only !== 'stock') await ensureAppBuilt(node);
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const [name, suite] of suites(node, browser)) {
    if (only ? only !== name : name === 'stock') continue;
    say(`\n== ${name} ==`);
    add(counts, await suite());
  }
  say(summaryOf(counts));
  process.exit(counts.failed === 0 && counts.passed > 0 ? 0 : 1);
}

const parts = ['scripts', 'node', 'jest', 'tests', 'stock'];

function readArguments(args) {
  const rest = [...args];
  const withoutBrowser = rest.includes('--without-browser');
  const at = rest.indexOf('--only');
  const only = at >= 0 ? rest.splice(at, 2)[1] : undefined;
  const unknown = rest.find(arg => arg !== '--without-browser');
  if (unknown)
    throw new Trouble(
      `'${unknown}' is no option of npm test. Known: --without-browser, --only <${parts.join(
        '|',
      )}>.`,
    );
  if (at >= 0 && !parts.includes(only))
    throw new Trouble(
      `--only takes one of ${parts.join(', ')}, not '${only}'.`,
    );
  return { withoutBrowser, only };
}

function suites(node, browser) {
  return [
    ['scripts', () => runNodeTests(node, 'scripts', ['**/*.test.mjs'])],
    [
      'node',
      () =>
        inTurn(nodeTestFolders(), ({ folder, patterns }) =>
          runNodeTests(node, folder, patterns, { serial: true }),
        ),
    ],
    ['jest', () => runJest(node)],
    [
      'tests',
      () =>
        withPostgres(database =>
          runNodeTests(node, 'tests', ['*/**/*.test.ts'], {
            env: { ...browser, ...database, MLOPS_TEST_NODE: node },
            serial: true,
          }),
        ),
    ],
    [
      'stock',
      () =>
        runNodeTests(node, 'tests', ['stock/*.stock.ts'], {
          env: { ...browser, MLOPS_TEST_NODE: node },
        }),
    ],
  ];
}

async function inTurn(items, work) {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const item of items) {
    say(`\n-- ${item.folder} --`);
    add(sum, await work(item));
  }
  return sum;
}

function add(sum, counts) {
  for (const key of Object.keys(sum)) sum[key] += counts[key];
}

main().catch(endWith);
