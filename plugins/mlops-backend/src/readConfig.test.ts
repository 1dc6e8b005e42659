import { ConfigReader } from '@backstage/config';
import { readConfig } from './readConfig';

const limitsOf = (limits: object) =>
  readConfig(new ConfigReader({ mlops: { local: { limits } } })).local.limits;

it('reads each limit of a step, and leaves those out that nobody set', () => {
  expect(limitsOf({ memoryBytes: 1e9, processes: 50, diskBytes: 3e9 })).toEqual(
    { memoryBytes: 1e9, processes: 50, diskBytes: 3e9 },
  );
  expect(limitsOf({ logBytes: 10, artifactBytes: 20 })).toEqual({
    logBytes: 10,
    artifactBytes: 20,
  });
});

it('refuses a limit that no step could keep', () => {
  expect(() => limitsOf({ memoryBytes: 0 })).toThrow(
    'mlops.local.limits.memoryBytes is 0; a limit is more than 0',
  );
});

it('reads where the app has the pages', () => {
  const extensions = [{ 'page:mlops': { config: { path: '/learning' } } }];
  const moved = readConfig(new ConfigReader({ app: { extensions } }));
  expect(moved.pages.change('7')).toBe('/learning/changes/7');
  const said = { app: { extensions }, mlops: { app: { path: '/ml' } } };
  expect(readConfig(new ConfigReader(said)).pages.home()).toBe('/ml');
  expect(() =>
    readConfig(new ConfigReader({ mlops: { app: { path: 'ml' } } })),
  ).toThrow('mlops.app.path is "ml"');
});
