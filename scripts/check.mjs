/* `npm run check`: format, lint, types, unit tests, API reports: what a change must pass before review. */
import { yarnRelease } from './lib/paths.mjs';
import { endOnSignals, prepare } from './lib/prepare.mjs';
import { childEnvironment, run } from './lib/run.mjs';
import { endWith, say } from './lib/say.mjs';
import { nodeTestFolders, runJest, runNodeTests } from './lib/suites.mjs';

async function main() {
  endOnSignals();
  const node = await prepare({ app: false });
  const cli = (...args) =>
    run(node, [yarnRelease, ...args], {
      env: childEnvironment(node, { CI: 'true' }),
      show: true,
    }).then(result => result.code === 0);
  const unit = async () => {
    const all = [await runJest(node)];
    for (const { folder, patterns } of nodeTestFolders())
      all.push(await runNodeTests(node, folder, patterns));
    return all.every(counts => counts.failed === 0);
  };
  const failed = [];
  for (const [name, work] of [
    ['format', () => cli('prettier', '--check', '.')],
    ['lint', () => cli('backstage-cli', 'repo', 'lint', '--max-warnings=0')],
    ['types', () => cli('tsc')],
    ['unit tests', unit],
    [
      'API reports',
      () =>
        cli(
          'backstage-repo-tools',
          'api-reports',
          ...reported,
          '--ci',
          '-o',
          'ae-undocumented,ae-wrong-input-file-type',
          '--validate-release-tags',
        ),
    ],
  ]) {
    say(`\n== ${name} ==`);
    if (!(await work())) failed.push(name);
  }
  say(
    failed.length === 0
      ? '\nAll checks passed.'
      : `\nFailed: ${failed.join(', ')}.`,
  );
  process.exit(failed.length === 0 ? 0 : 1);
}

const reported = [
  'packages/argo-engine',
  'packages/mlops-core',
  'packages/mlops-executor',
  'packages/mlops-tracking',
  'plugins/catalog-backend-module-mlops',
  'plugins/mlops-backend',
  'plugins/mlops-backend-module-argo',
  'plugins/mlops-backend-module-github',
  'plugins/mlops-node',
  'plugins/permission-backend-module-mlops-policy',
  'plugins/scaffolder-backend-module-mlops',
  'plugins/search-backend-module-mlops',
  'plugins/techdocs-backend-module-mlops',
];

main().catch(endWith);
