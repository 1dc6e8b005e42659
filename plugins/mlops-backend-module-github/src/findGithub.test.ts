import { ConfigReader } from '@backstage/config';
import { findGithub } from './findGithub';

const find = (url: string | undefined, github: object[]) =>
  findGithub(
    new ConfigReader({
      integrations: { github },
      ...(url === undefined ? {} : { mlops: { gitops: { url } } }),
    }),
  );
const known = [{ host: 'github.com', token: 'ghs_x' }];

describe('findGithub', () => {
  it.each([
    'https://github.com/farm/models.git',
    'https://x-access-token:secret@github.com/farm/models',
    'git@github.com:farm/models.git',
    'ssh://git@github.com:22/farm/models.git',
  ])('finds %s', async url => {
    const found = find(url, known)!;
    expect(found).toMatchObject({
      owner: 'farm',
      repo: 'models',
      apiBaseUrl: 'https://api.github.com',
    });
    expect(await found.token()).toBe('ghs_x');
  });

  it('finds a GitHub Enterprise by its own address', () => {
    expect(
      find('https://git.example.org/farm/models', [
        {
          host: 'git.example.org',
          apiBaseUrl: 'https://git.example.org/api/v3/',
          token: 't',
        },
      ])?.apiBaseUrl,
    ).toBe('https://git.example.org/api/v3');
  });

  it.each([
    [undefined, known],
    ['/srv/gitops.git', known],
    ['https://gitlab.com/farm/models.git', known],
    ['https://github.com/farm', known],
    ['https://github.com/farm/models.git', [{ host: 'github.com' }]],
  ])('leaves %s to the portal itself', (url, github) => {
    expect(find(url, github)).toBeUndefined();
  });
});
