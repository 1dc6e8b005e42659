import { webAddress } from './createGitops';

it.each([
  ['https://host.example/org/repo.git', 'https://host.example/org/repo'],
  [
    'https://me:secret@host.example:8443/org/repo',
    'https://host.example:8443/org/repo',
  ],
  ['git@host.example:org/repo.git', 'https://host.example/org/repo'],
  ['ssh://git@host.example:22/org/repo.git', 'https://host.example/org/repo'],
  ['file:///srv/repo.git', undefined],
  ['/srv/repo.git', undefined],
])('shows %s at %s', (url, web) => expect(webAddress(url)).toBe(web));
