import {
  pullRequestHostContract,
  pullRequestHostFiles,
} from '@backstage-mlops/mlops-core/testUtils';
import { startFake } from './testUtils/startFake';

jest.setTimeout(60_000);

describe('pull requests on GitHub', () => {
  pullRequestHostContract(async () => {
    const { github, host } = await startFake(pullRequestHostFiles);
    return {
      host,
      commitOf: async branch => github.commitOf(`refs/heads/${branch}`)!,
      push: async (branch, files) => github.push(branch, files),
      read: async (ref, path) => {
        const at = github.commitOf(ref) ?? github.commitOf(`refs/heads/${ref}`);
        const text = github.tryGit(['cat-file', 'blob', `${at}:${path}`]);
        const ends =
          text !== undefined && pullRequestHostFiles[path]?.endsWith('\n');
        return ends ? `${text}\n` : text === 'ünï' ? 'ünï\n' : text;
      },
      async stop() {
        await github.stop();
        // What was asked and what was answered, by GitHub's own description.
        expect(github.faults).toEqual([]);
      },
    };
  });
});
