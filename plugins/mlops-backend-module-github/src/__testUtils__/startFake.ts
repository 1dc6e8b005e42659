import { mockServices } from '@backstage/backend-test-utils';
import { GithubPullRequestHost } from '../GithubPullRequestHost';
import { GithubRepository } from '../GithubRepository';
import { FakeGithub } from './FakeGithub';

/** A fake and a host that speaks to it; a second of waiting takes ten milliseconds. */
export async function startFake(files: Record<string, string>) {
  const github = new FakeGithub();
  await github.start(files);
  const another = (token = github.token) =>
    new GithubPullRequestHost({
      repository: new GithubRepository({
        owner: 'farm',
        repo: 'models',
        apiBaseUrl: github.url,
        token: async () => token,
        logger: mockServices.logger.mock(),
        secondMs: 10,
      }),
      owner: 'farm',
      branch: 'main',
      personOf: async login =>
        login === 'octo-jen' ? 'user:default/jen' : undefined,
      portalUrl: 'https://portal.example.org',
    });
  return { github, host: another(), another };
}
