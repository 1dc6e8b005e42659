/*
 * The suites of the project. Rooms that Backstage loads run under its jest; rooms that run as plain Node (steps, clients,
 * scripts, what crosses rooms) run under node's own test runner.
 */
import fs from 'node:fs';
import path from 'node:path';
import { portalFolder, root, yarnRelease } from './paths.mjs';
import { startPostgres } from './postgres.mjs';
import { childEnvironment, run } from './run.mjs';

const postgresVariable = 'BACKSTAGE_TEST_DATABASE_POSTGRES17_CONNECTION_STRING';

/** Does some work with the address of a PostgreSQL in the environment: one that the caller names, or one of its own. */
export async function withPostgres(work) {
  const given = process.env[postgresVariable];
  if (given) return work({ [postgresVariable]: given });
  const { url, end } = await startPostgres();
  try {
    return await work({ [postgresVariable]: url });
  } finally {
    await end();
  }
}

/** Runs all tests of `packages` and `plugins` that the Backstage CLI finds. */
export async function runJest(node, extra = []) {
  const file = path.join(portalFolder, 'jest.json');
  fs.rmSync(file, { force: true });
  const args = [
    yarnRelease,
    'backstage-cli',
    'repo',
    'test',
    '--no-watch',
    '--maxWorkers=2',
    // On a machine that is slow or busy, a test is no worse for taking long.
    '--testTimeout=60000',
    '--json',
    `--outputFile=${file}`,
    ...extra,
  ];
  return withPostgres(async database => {
    const { code } = await run(node, args, {
      // The cluster of a machine's user is never a test's business.
      env: childEnvironment(node, {
        CI: 'true',
        BACKSTAGE_TEST_DISABLE_DOCKER: '1',
        NODE_OPTIONS: '--no-node-snapshot',
        ...database,
      }),
      show: true,
      bound: true,
    });
    return jestCounts(file, code);
  });
}

function jestCounts(file, code) {
  if (!fs.existsSync(file)) return { passed: 0, failed: 1, skipped: 0 };
  const result = JSON.parse(fs.readFileSync(file, 'utf8'));
  const broken = result.testResults.filter(
    suite => suite.status === 'failed' && suite.assertionResults.length === 0,
  ).length;
  const failed = result.numFailedTests + broken;
  return {
    passed: result.numPassedTests,
    failed: failed === 0 && code !== 0 ? 1 : failed,
    skipped: result.numPendingTests + result.numTodoTests,
  };
}

/** Runs one folder's tests under node's test runner, one file after the other when `serial`. */
export async function runNodeTests(
  node,
  folder,
  patterns,
  { env = {}, serial = false } = {},
) {
  const file = path.join(
    portalFolder,
    `node-test-${folder.replace(/\W/g, '-')}.json`,
  );
  fs.rmSync(file, { force: true });
  const args = [
    '--no-warnings=ExperimentalWarning',
    '--test',
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    `--test-reporter=${path.join(root, 'scripts/lib/countingReporter.mjs')}`,
    `--test-reporter-destination=${file}`,
    ...(serial ? ['--test-concurrency=1'] : []),
    ...patterns,
  ];
  const { code } = await run(node, args, {
    cwd: path.join(root, folder),
    env: childEnvironment(node, { FORCE_COLOR: '0', ...env }),
    show: true,
    bound: true,
  });
  const counts = fs.existsSync(file)
    ? JSON.parse(fs.readFileSync(file, 'utf8').trim() || '{}')
    : {};
  const { passed = 0, failed = 0, skipped = 0 } = counts;
  return {
    passed,
    failed: failed === 0 && (code !== 0 || passed === 0) ? 1 : failed,
    skipped,
  };
}

/** Folders whose `test` script is node's test runner. */
export function nodeTestFolders() {
  return ['packages', 'ml-projects']
    .flatMap(parent =>
      fs
        .readdirSync(path.join(root, parent))
        .map(name => path.join(parent, name)),
    )
    .filter(folder => {
      const file = path.join(root, folder, 'package.json');
      return (
        fs.existsSync(file) &&
        /^node --test/.test(
          JSON.parse(fs.readFileSync(file, 'utf8')).scripts?.test ?? '',
        )
      );
    })
    .map(folder => ({ folder, patterns: patternsOf(folder) }));
}

function patternsOf(folder) {
  const { scripts } = JSON.parse(
    fs.readFileSync(path.join(root, folder, 'package.json'), 'utf8'),
  );
  return [...scripts.test.matchAll(/'([^']+)'/g)].map(match => match[1]);
}
