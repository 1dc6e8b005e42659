/*
 * The rooms of docs/architecture.md, held on the syntax tree: every `import`, `export from`, `import()`, `require` and
 * `import x = require()` of every source file is looked at, and against package.json.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { builtinModules } from 'node:module';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = path.resolve(
  path.dirname(fileURLToPath(import.meta.url)),
  '../..',
);
const own = '@backstage-mlops/';

/** What each room may import of ours, and whether it may use node and Backstage. */
const rooms: Record<
  string,
  { ours: string[]; node: boolean; backstage: boolean }
> = {
  'packages/argo-engine': { ours: [], node: false, backstage: false },
  'packages/mlops-core': {
    ours: ['argo-engine'],
    node: false,
    backstage: false,
  },
  'packages/mlops-executor': {
    ours: ['argo-engine'],
    node: true,
    backstage: false,
  },
  'packages/mlops-tracking': {
    ours: ['mlops-core', 'argo-engine'],
    node: true,
    backstage: false,
  },
  'packages/mlops-cli': {
    ours: ['argo-engine', 'mlops-core', 'mlops-executor'],
    node: true,
    backstage: false,
  },
  'packages/mlops-client': { ours: [], node: true, backstage: false },
  'packages/tfjs-runtime': { ours: [], node: true, backstage: false },
  'plugins/mlops-node': {
    ours: ['mlops-core', 'argo-engine'],
    node: true,
    backstage: true,
  },
  'plugins/mlops-backend': {
    ours: [
      'argo-engine',
      'mlops-core',
      'mlops-executor',
      'mlops-tracking',
      'plugin-mlops-node',
    ],
    node: true,
    backstage: true,
  },
  'plugins/mlops-backend-module-argo': {
    ours: ['argo-engine', 'mlops-core', 'plugin-mlops-node'],
    node: true,
    backstage: true,
  },
  'plugins/mlops-backend-module-github': {
    ours: ['mlops-core', 'plugin-mlops-node'],
    node: true,
    backstage: true,
  },
  'plugins/permission-backend-module-mlops-policy': {
    ours: ['mlops-core', 'plugin-mlops-node'],
    node: true,
    backstage: true,
  },
  'plugins/scaffolder-backend-module-mlops': {
    ours: ['mlops-core', 'plugin-mlops-node'],
    node: true,
    backstage: true,
  },
  'plugins/search-backend-module-mlops': {
    ours: ['mlops-core'],
    node: true,
    backstage: true,
  },
  'plugins/techdocs-backend-module-mlops': {
    ours: ['mlops-core'],
    node: true,
    backstage: true,
  },
  'plugins/catalog-backend-module-mlops': {
    ours: ['mlops-core'],
    node: true,
    backstage: true,
  },
  'plugins/mlops': {
    ours: ['mlops-core', 'argo-engine'],
    node: false,
    backstage: true,
  },
};

/** Packages with weight: each belongs to one room. */
const owners: Record<string, string[]> = {
  knex: [
    'packages/mlops-tracking',
    'plugins/mlops-backend',
    'plugins/mlops-backend-module-argo',
  ],
  'simple-git': ['plugins/mlops-backend'],
  '@tensorflow/tfjs-core': ['packages/tfjs-runtime'],
  '@tensorflow/tfjs-layers': ['packages/tfjs-runtime'],
  '@tensorflow/tfjs-node': ['packages/tfjs-runtime'],
  '@tensorflow/tfjs-backend-wasm': ['packages/tfjs-runtime'],
  '@kubernetes/client-node': ['plugins/mlops-backend-module-argo'],
  '@aws-sdk/client-s3': ['plugins/mlops-backend-module-argo'],
  '@octokit/core': ['plugins/mlops-backend-module-github'],
  '@marcbachmann/cel-js': ['packages/mlops-core'],
};

function sourcesOf(folder: string): string[] {
  const found: string[] = [];
  const walk = (place: string) => {
    for (const entry of fs.readdirSync(place, { withFileTypes: true })) {
      const full = path.join(place, entry.name);
      if (entry.isDirectory()) {
        if (
          !['node_modules', 'dist', 'dist-types', 'coverage'].includes(
            entry.name,
          )
        )
          walk(full);
      } else if (/\.(tsx?|mjs|cjs|js|mts|cts)$/.test(entry.name))
        found.push(full);
    }
  };
  walk(path.join(root, folder));
  return found;
}

function importsOf(file: string): string[] {
  const source = ts.createSourceFile(
    file,
    fs.readFileSync(file, 'utf8'),
    ts.ScriptTarget.Latest,
    true,
  );
  const found: string[] = [];
  const visit = (node: ts.Node) => {
    const literal = moduleNameOf(node);
    if (literal && ts.isStringLiteralLike(literal)) found.push(literal.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function moduleNameOf(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node))
    return node.moduleSpecifier;
  if (ts.isExternalModuleReference(node)) return node.expression;
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
    return node.argument.literal;
  if (!ts.isCallExpression(node)) return undefined;
  const { expression } = node;
  const calls =
    expression.kind === ts.SyntaxKind.ImportKeyword ||
    (ts.isIdentifier(expression) && expression.text === 'require') ||
    (ts.isPropertyAccessExpression(expression) &&
      /^(require|import)\b/.test(expression.getText()));
  return calls ? node.arguments[0] : undefined;
}

const isTest = (file: string) =>
  /\.test\.tsx?$|setupTests|\/(testUtils|__testUtils__)\/|\/__fixtures__\//.test(
    file,
  );
const packageOf = (name: string) =>
  name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');
const isNode = (name: string) =>
  name.startsWith('node:') || builtinModules.includes(name);

describe('rooms', () => {
  for (const [room, allowed] of Object.entries(rooms)) {
    it(`${room} imports what it may`, () => {
      const manifest = JSON.parse(
        fs.readFileSync(path.join(root, room, 'package.json'), 'utf8'),
      );
      const declared = {
        ...manifest.dependencies,
        ...manifest.peerDependencies,
        ...manifest.optionalDependencies,
      };
      const faults: string[] = [];
      const files = sourcesOf(path.join(room, 'src'));
      assert.ok(files.length > 0, `${room} has sources`);
      for (const file of files.filter(name => !isTest(name))) {
        for (const name of importsOf(file)) {
          if (name.startsWith('.')) {
            const target = path.resolve(path.dirname(file), name);
            if (!target.startsWith(path.join(root, room) + path.sep))
              faults.push(`${file}: ${name} leaves the room`);
            continue;
          }
          const from = packageOf(name);
          if (isNode(name)) {
            if (!allowed.node) faults.push(`${file}: ${name}`);
          } else if (from.startsWith(own)) {
            if (
              from !== manifest.name &&
              !allowed.ours.includes(from.slice(own.length))
            )
              faults.push(`${file}: ${name}`);
          } else if (from.startsWith('@backstage/') && !allowed.backstage)
            faults.push(`${file}: ${name}`);
          if (!isNode(name) && from !== manifest.name && !(from in declared))
            faults.push(`${file}: ${name} is not in its package.json`);
          if (from in owners && !owners[from].includes(room))
            faults.push(`${file}: ${name} belongs to ${owners[from]}`);
        }
      }
      assert.deepEqual(
        faults.map(fault => path.relative(root, fault)),
        [],
      );
    });
  }

  it('knows every package and plugin', () => {
    const shells = ['packages/app', 'packages/backend'];
    const present = ['packages', 'plugins'].flatMap(parent =>
      fs
        .readdirSync(path.join(root, parent))
        .filter(name =>
          fs.existsSync(path.join(root, parent, name, 'package.json')),
        )
        .map(name => `${parent}/${name}`),
    );
    assert.deepEqual(
      present.filter(name => !(name in rooms) && !shells.includes(name)),
      [],
    );
  });

  it('finds imports of every form', () => {
    const file = path.join(
      fs.mkdtempSync(path.join(root, '.portal/imports-')),
      'a.ts',
    );
    fs.writeFileSync(
      file,
      "import a from 'a'; export * from 'b'; import c = require('c'); const d = require('d'); const e = import('e'); type F = import('f').F; require.resolve('g');",
    );
    assert.deepEqual(importsOf(file).sort(), [
      'a',
      'b',
      'c',
      'd',
      'e',
      'f',
      'g',
    ]);
    fs.rmSync(path.dirname(file), { recursive: true });
  });
});

describe('sample projects', () => {
  it('are named nowhere in packages or plugins', () => {
    const names = fs
      .readdirSync(path.join(root, 'ml-projects'))
      .filter(name =>
        fs.existsSync(path.join(root, 'ml-projects', name, 'mlproject.yaml')),
      );
    assert.ok(names.length >= 1);
    const words = new RegExp(
      `\\b(${[
        ...names,
        ...names.map(name => name.replace(/s$/, '')),
        'watermelon',
        'adelie',
        'gentoo',
        'chinstrap',
      ].join('|')})`,
      'i',
    );
    const faults = ['packages', 'plugins']
      .flatMap(folder => sourcesOf(folder))
      .filter(file => words.test(fs.readFileSync(file, 'utf8')));
    assert.deepEqual(
      faults.map(file => path.relative(root, file)),
      [],
    );
  });
});
