/* What a packed package must be, told from its tarball alone. */
import { execFileSync } from 'node:child_process';
import { builtinModules } from 'node:module';
import { root } from '../../scripts/lib/paths.mjs';
import { manifestOf, type Packed } from './registry.ts';

/** Every fault of a tarball as a sentence; `all` are the packages that are published with it. */
export function faultsOf({ name, file }: Packed, all: Packed[]): string[] {
  const manifest = manifestOf(file);
  const files = new Set(
    execFileSync('tar', ['-tzf', file], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .map(entry => entry.replace(/^package\//, '')),
  );
  const faults: string[] = [];
  const expect = (holds: unknown, sentence: string) => {
    if (!holds) faults.push(`${name}: ${sentence}`);
  };
  for (const wanted of ['README.md', 'CHANGELOG.md', 'LICENSE'])
    expect(files.has(wanted), `has no ${wanted}`);
  expect(manifest.license === 'Apache-2.0', 'names no licence');
  expect(manifest.description, 'has no description');
  expect(manifest.publishConfig?.access === 'public', 'is not public');
  for (const [key, place] of entriesOf(manifest))
    expect(files.has(place), `${key} names ${place}, which is not in it`);
  expect(
    entriesOf(manifest).some(([, place]) => place.endsWith('.d.ts')),
    'has no types',
  );
  for (const [dependency, range] of Object.entries<string>(
    manifest.dependencies ?? {},
  )) {
    expect(
      !/^(workspace|file|link):/.test(range),
      `asks for ${dependency} ${range}`,
    );
    if (!dependency.startsWith('@backstage-mlops/')) continue;
    const published = all.find(one => one.name === dependency);
    expect(published, `asks for ${dependency}, which is not published`);
    expect(
      range === `^${published?.version}`,
      `asks for ${dependency} ${range}`,
    );
  }
  const { role, pluginId, pluginPackage, pluginPackages } =
    manifest.backstage ?? {};
  if (/\/plugin-/.test(name)) {
    expect(role, 'has no backstage.role');
    expect(pluginId, 'has no backstage.pluginId');
    expect(pluginPackage ?? pluginPackages, 'names no plugin package');
  }
  for (const entry of files) {
    expect(
      !/\.test\.|__testUtils__|^src\/|(^|\/)\.\w/.test(entry) ||
        /^templates\//.test(entry),
      `holds ${entry}`,
    );
  }
  const text = codeOf(file);
  expect(!text.includes(root), 'names a path of the machine that packed it');
  const declared = { ...manifest.dependencies, ...manifest.peerDependencies };
  for (const imported of importsOf(text))
    expect(
      imported in declared ||
        imported in (manifest.optionalDependencies ?? {}) ||
        imported === name,
      `imports ${imported}, which its manifest does not name`,
    );
  return faults;
}

/** What runs and what describes it, as one text. */
function codeOf(file: string): string {
  const options = ['-xzOf', file, '--wildcards'];
  return ['package/dist/*.js', 'package/dist/*.d.ts']
    .map(pattern =>
      execFileSync('tar', [...options, pattern], {
        encoding: 'utf8',
        maxBuffer: 256 * 1024 * 1024,
      }),
    )
    .join('\n');
}

/** The packages that a text imports. */
function importsOf(text: string): string[] {
  const named = /(?:from |require\(|import\(|import )['"]([^'".][^'"]*)['"]/g;
  const found = [...text.matchAll(named)]
    .map(([, place]) => place)
    .filter(place => !/^node:/.test(place) && !builtinModules.includes(place))
    .map(place =>
      place
        .split('/')
        .slice(0, place.startsWith('@') ? 2 : 1)
        .join('/'),
    );
  return [...new Set(found)];
}

/** Every place that a manifest names, with the key that names it. */
function entriesOf(manifest: any): [string, string][] {
  const found: [string, string][] = [];
  const add = (key: string, value: unknown) => {
    if (typeof value === 'string')
      found.push([key, value.replace(/^\.\//, '')]);
    else if (value && typeof value === 'object')
      // What Backstage calls the feature, which is no file.
      for (const [inner, next] of Object.entries(value))
        if (inner !== 'backstage') add(`${key} ${inner}`, next);
  };
  for (const key of [
    'main',
    'module',
    'types',
    'bin',
    'exports',
    'configSchema',
  ])
    add(key, manifest[key]);
  return found;
}
