import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { root } from './paths.mjs';
import {
  checkDataIsFree,
  checkPortIsFree,
  findUser,
  localConfigs,
} from './portal.mjs';

const listening = () =>
  new Promise(resolve => {
    const server = net.createServer();
    server.listen(0, '127.0.0.1', () => resolve(server));
  });

test('a port in use is named, with the way out', async () => {
  const server = await listening();
  const { port } = server.address();
  await assert.rejects(
    checkPortIsFree(port),
    new RegExp(`Port ${port} is in use.*PORT=7008 npm start`),
  );
  await new Promise(resolve => server.close(resolve));
  await checkPortIsFree(port);
});

test('settings of one checkout alone are read when there are any', () => {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'mlops-home-'));
  try {
    assert.deepEqual(localConfigs(home), []);
    const file = path.join(home, 'app-config.local.yaml');
    fs.writeFileSync(file, 'mlops: { engine: argo }\n');
    assert.deepEqual(localConfigs(home), [file]);
  } finally {
    fs.rmSync(home, { recursive: true });
  }
});

test('npm start ends with exit code 1 and one sentence when the port is taken', async () => {
  const server = await listening();
  const result = await new Promise(resolve => {
    const child = spawn(
      process.execPath,
      [path.join(root, 'scripts/start.mjs')],
      {
        env: {
          ...process.env,
          PORT: String(server.address().port),
          MLOPS_DATA_DIRECTORY: fs.mkdtempSync(
            path.join(os.tmpdir(), 'mlops-'),
          ),
        },
      },
    );
    let output = '';
    child.stderr.on('data', chunk => (output += chunk));
    child.once('exit', code => resolve({ code, output }));
  });
  server.close();
  assert.equal(result.code, 1);
  assert.match(result.output.trim(), /^Port \d+ is in use\.[^\n]*$/);
});

test('a PORT that is no number is refused by name', () => {
  const { status, stderr } = spawnSync(
    process.execPath,
    [path.join(root, 'scripts/start.mjs')],
    {
      env: { ...process.env, PORT: 'seven' },
      encoding: 'utf8',
    },
  );
  assert.equal(status, 1);
  assert.match(stderr, /PORT is 'seven'/);
});

test('npm run reset takes nothing away from a portal on another port', async () => {
  const data = fs.mkdtempSync(path.join(os.tmpdir(), 'mlops-'));
  const portal = spawn(process.execPath, [
    ...['-e', 'setInterval(() => {}, 1000)', '--', 'src/index'],
  ]);
  const use = { pid: portal.pid, port: 7123 };
  fs.writeFileSync(path.join(data, 'portal.json'), JSON.stringify(use));
  const reset = () =>
    spawnSync(process.execPath, [path.join(root, 'scripts/reset.mjs')], {
      env: { ...process.env, MLOPS_DATA_DIRECTORY: data, PORT: '1' },
      encoding: 'utf8',
    });
  const refused = reset();
  assert.equal(refused.status, 1);
  assert.match(
    refused.stderr,
    /A portal on port 7123 \(process \d+\) uses .*Stop it first/,
  );
  assert.ok(fs.existsSync(data));
  assert.deepEqual(findUser(data), use);
  const gone = new Promise(resolve => portal.once('exit', resolve));
  portal.kill('SIGKILL');
  await gone;
  assert.equal(findUser(data), undefined);
  assert.equal(reset().status, 0);
  assert.ok(!fs.existsSync(data));
});

test('a second portal on the same data is refused, unless the first is about to end', async () => {
  const data = fs.mkdtempSync(path.join(os.tmpdir(), 'mlops-'));
  await checkDataIsFree(data, 0);
  const portal = spawn(process.execPath, [
    ...['-e', 'setInterval(() => {}, 1000)', '--', 'src/index'],
  ]);
  fs.writeFileSync(
    path.join(data, 'portal.json'),
    JSON.stringify({ pid: portal.pid, port: 7123 }),
  );
  await assert.rejects(
    checkDataIsFree(data, 0),
    /A portal on port 7123 .* Stop it first .*MLOPS_DATA_DIRECTORY=/,
  );
  const free = checkDataIsFree(data, 60_000);
  portal.kill('SIGKILL');
  await free;
  fs.rmSync(data, { recursive: true });
});
