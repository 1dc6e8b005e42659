import {
  pullRequestHostContract,
  pullRequestHostFiles,
} from '@backstage-mlops/mlops-core/testUtils';
import { startFake } from './__testUtils__/startFake';

jest.setTimeout(60_000);

describe('pull requests on GitHub', () => {
  pullRequestHostContract(async () => {
    const { github, host } = await startFake(pullRequestHostFiles);
    return {
      host,
      commitOf: async branch => github.commitOf(`refs/heads/${branch}`)!,
      push: async (branch, files) => github.push(branch, files),
      read: async (ref, path) =>
        github.read(github.commitOf(ref) ?? `refs/heads/${ref}`, path),
      stop: () => github.stop(),
    };
  });
});
