#!/usr/bin/env node
/* Starts the command: in a checkout from its source, as what it imports is source there, too; in a published package there is none. */
const fs = require('node:fs');
const path = require('node:path');

const source = path.join(__dirname, '../src/index.ts');
const fromSource = fs.existsSync(source);
if (fromSource)
  // eslint-disable-next-line @backstage/no-undeclared-imports -- from source only; it comes with @backstage/cli
  require('@backstage/cli-node/config/nodeTransform.cjs');

const { main } = require(fromSource ? source : '../dist/index.cjs.js');

// What ends without a word has not succeeded.
process.exitCode = 2;
main(process.argv.slice(2)).then(
  code => {
    process.exitCode = code;
  },
  error => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
  },
);
