import { createLinks } from './routing';

const links = createLinks('/ml/');

describe('createLinks', () => {
  it('stays below the place where the plugin is mounted', () => {
    expect(links.project('leaves', 'runs')).toBe('/ml/projects/leaves/runs');
  });

  it('writes names so that none can change the path', () => {
    expect(links.model('a/b', '../c?d')).toBe(
      '/ml/projects/a%2Fb/models/..%2Fc%3Fd',
    );
  });

  it('leaves out what is not asked for', () => {
    expect(links.run('r')).toBe('/ml/runs/r');
    expect(links.run('r', { node: 'n 1', line: 'error' })).toBe(
      '/ml/runs/r?node=n+1&line=error',
    );
  });
});
