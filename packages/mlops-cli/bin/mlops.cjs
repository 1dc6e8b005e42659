#!/usr/bin/env node
/* Starts the command: built where there is a build, else from its source. */
const fs = require('node:fs');
const path = require('node:path');

const built = path.join(__dirname, '../dist/index.cjs.js');
if (!fs.existsSync(built))
  // eslint-disable-next-line @backstage/no-undeclared-imports -- from source only; it comes with @backstage/cli
  require('@backstage/cli-node/config/nodeTransform.cjs');

const { main } = require(fs.existsSync(built) ? built : '../src/index.ts');

main(process.argv.slice(2)).then(
  code => {
    process.exitCode = code;
  },
  error => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
  },
);
