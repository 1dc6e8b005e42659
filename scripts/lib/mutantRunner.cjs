/*
 * Runs test files in one process, again and again, with one source file replaced: quicker than a test runner that starts anew for
 * every mutant. Only the modules that the file reaches are loaded again. Speaks with its parent by messages: `{ tests, file, code }`
 * is answered with `{ failed }`, the test that was red, or nothing. What it knows of jest is what those files use.
 */
const crypto = require('node:crypto');
const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');

const [root, cache] = process.argv.slice(2);
const fromRoot = Module.createRequire(path.join(root, 'package.json'));
const { expect } = fromRoot('expect');
let typescript;
let replaced = {};

function compiled(filename, text) {
  const key = crypto
    .createHash('sha256')
    .update(filename + text)
    .digest('hex');
  const kept = path.join(cache, `${key}.js`);
  if (fs.existsSync(kept)) return fs.readFileSync(kept, 'utf8');
  typescript ??= fromRoot('typescript');
  const { outputText } = typescript.transpileModule(text, {
    fileName: filename,
    compilerOptions: {
      module: typescript.ModuleKind.CommonJS,
      target: typescript.ScriptTarget.ES2022,
      esModuleInterop: true,
    },
  });
  // A mutant is compiled once; only what stays is kept.
  if (filename === replaced.file) return outputText;
  const part = `${kept}.${process.pid}`;
  fs.writeFileSync(part, outputText);
  fs.renameSync(part, kept);
  return outputText;
}

Module._extensions['.ts'] = (module, filename) => {
  const text =
    filename === replaced.file
      ? replaced.code
      : fs.readFileSync(filename, 'utf8');
  module._compile(compiled(filename, text), filename);
};

// Everything that loads one of the files, directly or by others, is loaded anew.
function forget(files) {
  const loaded = Object.values(require.cache).filter(
    ({ filename }) => !filename.includes(`${path.sep}node_modules${path.sep}`),
  );
  const gone = new Set(
    loaded.filter(({ filename }) => files.includes(filename)),
  );
  for (const found of gone)
    for (const parent of loaded)
      if (parent.children.includes(found)) gone.add(parent);
  for (const { filename } of gone) delete require.cache[filename];
  for (const parent of [module, ...loaded])
    parent.children = parent.children.filter(child => !gone.has(child));
}

let suites;
let planned;
const suite = () => ({ before: [], after: [], each: [], eachAfter: [] });
const current = () => suites[suites.length - 1];
// One database is enough to see a fault; the other needs a server.
const isElsewhere = name => /POSTGRES/.test(name);
const named = (name, values) =>
  name.replace(/%[sdj]/g, () => String(values.shift()));
const test = (name, work) => planned.push({ name, work, path: [...suites] });
const tableOf = each => table => (name, work) =>
  table.forEach(row => {
    const values = Array.isArray(row) ? row : [row];
    each(named(name, [...values]), () => work(...values));
  });
const describe = (name, work) => {
  if (isElsewhere(name)) return;
  suites.push(suite());
  work();
  suites.pop();
};
test.each = tableOf(test);
describe.each = tableOf(describe);
Object.assign(globalThis, {
  describe,
  test,
  it: test,
  expect,
  beforeAll: work => current().before.push(work),
  afterAll: work => current().after.push(work),
  beforeEach: work => current().each.push(work),
  afterEach: work => current().eachAfter.push(work),
});

async function firstFailure(tests) {
  suites = [suite()];
  planned = [];
  const begun = new Set();
  try {
    for (const name of tests) {
      delete require.cache[path.join(root, name)];
      require(path.join(root, name));
    }
    for (const { name, work, path: around } of planned)
      try {
        for (const each of around) {
          if (!begun.has(each))
            for (const before of each.before) await before();
          begun.add(each);
        }
        for (const { each } of around)
          for (const before of each) await before();
        await work();
        for (const { eachAfter } of around)
          for (const after of eachAfter) await after();
      } catch (error) {
        return `${name}: ${String(error?.message).slice(0, 300)}`;
      }
    return undefined;
  } catch (error) {
    return `before any test: ${String(error?.stack).slice(0, 600)}`;
  } finally {
    for (const { after } of begun)
      for (const work of after)
        await Promise.resolve()
          .then(work)
          .catch(() => {});
  }
}

process.on('message', async ({ tests, file, code }) => {
  forget([replaced.file, file].filter(Boolean));
  replaced = { file, code };
  const failed = await firstFailure(tests);
  process.send({ failed });
});
// A promise that nobody waited for any more, of a mutant that was found already.
process.on('unhandledRejection', () => {});
process.on('disconnect', () => process.exit(0));
