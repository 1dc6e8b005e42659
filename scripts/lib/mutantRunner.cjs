/*
 * Runs test files in one process, with one source file replaced: quicker than a test runner that starts anew for every mutant.
 * Ends with 0 when all tests pass, 1 at the first that fails. What it knows of jest is what those files use.
 */
const crypto = require('node:crypto');
const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');

const { root, tests, file, code, cache } = JSON.parse(
  fs.readFileSync(process.argv[2], 'utf8'),
);
const fromRoot = Module.createRequire(path.join(root, 'package.json'));
let typescript;

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
  const part = `${kept}.${process.pid}`;
  fs.writeFileSync(part, outputText);
  fs.renameSync(part, kept);
  return outputText;
}

Module._extensions['.ts'] = (module, filename) => {
  const text = filename === file ? code : fs.readFileSync(filename, 'utf8');
  module._compile(compiled(filename, text), filename);
};

const suites = [{ before: [], after: [], each: [] }];
const planned = [];
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
  suites.push({ before: [], after: [], each: [] });
  work();
  suites.pop();
};
test.each = tableOf(test);
describe.each = tableOf(describe);
Object.assign(globalThis, {
  describe,
  test,
  it: test,
  expect: fromRoot('expect').expect,
  beforeAll: work => current().before.push(work),
  afterAll: work => current().after.push(work),
  beforeEach: work => current().each.push(work),
  afterEach: () => {},
});

async function main() {
  for (const name of tests) require(path.join(root, name));
  const begun = new Set();
  for (const { name, work, path: around } of planned) {
    try {
      for (const suite of around) {
        if (!begun.has(suite))
          for (const before of suite.before) await before();
        begun.add(suite);
      }
      for (const suite of around) for (const each of suite.each) await each();
      await work();
    } catch (error) {
      process.stdout.write(`${name}: ${String(error.message).slice(0, 300)}\n`);
      process.exit(1);
    }
  }
  process.exit(0);
}

main().catch(error => {
  process.stdout.write(`${String(error.stack).slice(0, 600)}\n`);
  process.exit(1);
});
