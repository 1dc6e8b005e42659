import { portalPages, readPortalPages } from './PortalPages';

const configOf = (values: Record<string, unknown>) => ({
  getOptional: (key: string) => values[key],
});
const runOf = (values: Record<string, unknown>) =>
  readPortalPages(configOf(values)).run('r');

describe('where the pages of the portal are', () => {
  it('is the usual place, or where the app moved the page', () => {
    expect(runOf({})).toBe('/mlops/runs/r');
    expect(
      runOf({
        'app.extensions': [
          'page:mlops',
          { 'page:mlops': false },
          { 'page:catalog': { config: { path: '/c' } } },
          { 'page:mlops': { config: { path: '/ml' } } },
          { 'page:mlops': { config: { title: 'ML' } } },
        ],
      }),
    ).toBe('/ml/runs/r');
    expect(runOf({ 'app.extensions': 'nonsense' })).toBe('/mlops/runs/r');
  });

  it('is what our own key says, before all others', () => {
    expect(
      runOf({
        'mlops.app.path': '/tools/ml/',
        'app.extensions': [{ 'page:mlops': { config: { path: '/ml' } } }],
      }),
    ).toBe('/tools/ml/runs/r');
    expect(runOf({ 'mlops.app.path': '/' })).toBe('/runs/r');
  });

  it('is a path, and the fault names key and value', () => {
    for (const path of ['ml', '', 'https://x/ml', '/a b', '/a?b', '//x', 7])
      expect(() => runOf({ 'mlops.app.path': path })).toThrow(
        `mlops.app.path is ${JSON.stringify(path)}`,
      );
    expect(() =>
      runOf({ 'app.extensions': [{ 'page:mlops': { config: { path: 7 } } }] }),
    ).toThrow('the path of page:mlops in app.extensions is 7');
  });

  it('keeps odd names in one part of the path', () => {
    expect(portalPages().version('a', 'b/c', '1')).toBe(
      '/mlops/projects/a/models/b%2Fc/1',
    );
  });
});
