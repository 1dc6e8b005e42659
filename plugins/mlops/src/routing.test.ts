import { portalPages } from '@backstage-mlops/mlops-core';
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

  it('leads where the portal says that its pages are', () => {
    const said = portalPages('/ml');
    expect([
      links.project('p'),
      links.pipeline('p', 'a'),
      links.dataset('p', 'a'),
      links.model('p', 'a b'),
      links.version('p', 'a', '1'),
      links.run('r/1'),
      links.change('7'),
    ]).toEqual([
      said.project('p'),
      said.pipeline('p', 'a'),
      said.dataset('p', 'a'),
      said.model('p', 'a b'),
      said.version('p', 'a', '1'),
      said.run('r/1'),
      said.change('7'),
    ]);
  });
});
