/*
 * The portal as a process: one backend that serves the built pages, on one port. Its log goes to a file, since a backend
 * whose pipe loses its reader spins for ever; it ends by itself when the process that started it is gone.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { dataFolder, root } from './paths.mjs';
import { childEnvironment } from './run.mjs';
import { diskIsFull } from './disk.mjs';
import { diskFull, Trouble } from './say.mjs';

/** The number that a variable of the environment names; a Trouble when it is no port. */
export function portNumber(variable, otherwise) {
  const text = process.env[variable] ?? String(otherwise);
  if (!/^\d{1,5}$/.test(text) || Number(text) < 1 || Number(text) > 65535)
    throw new Trouble(
      `${variable} is '${text}', which is no port number. Choose one between 1 and 65535.`,
    );
  return Number(text);
}

/** Rejects with a sentence when the port is taken. */
export async function checkPortIsFree(port, another = 'PORT=7008 npm start') {
  await new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', error =>
      reject(
        new Trouble(
          error.code === 'EADDRINUSE'
            ? `Port ${port} is in use. End the program that uses it, or choose another with ${another}.`
            : `Port ${port} cannot be used (${error.code}). Choose another with ${another}.`,
        ),
      ),
    );
    server.listen(port, '127.0.0.1', () => server.close(resolve));
  });
}

/**
 * Starts the backend and resolves when it answers; `stop` ends it with all of its steps. An aborted `signal` ends a backend that is
 * not ready yet. `home` is the checkout that it is of.
 */
export async function startPortal({
  node,
  port,
  data = dataFolder,
  configs = [],
  environment = {},
  signal,
  home = root,
}) {
  const logFile = path.join(data, 'logs/portal.log');
  fs.mkdirSync(path.dirname(logFile), { recursive: true });
  const log = fs.openSync(logFile, 'w');
  const url = `http://localhost:${port}`;
  const child = spawn(node, backendArguments(home, configs), {
    cwd: path.join(home, 'packages/backend'),
    env: childEnvironment(node, {
      NODE_ENV: 'development',
      ...settings({ port, data }),
      ...environment,
    }),
    // A group of its own: Ctrl-C reaches this script alone, which then ends the backend in order.
    detached: true,
    stdio: ['ignore', log, log],
  });
  fs.closeSync(log);
  const forget = rememberUser(data, { pid: child.pid, port });
  const ended = new Promise(resolve => {
    child.once('exit', (code, signal) => {
      forget();
      resolve({ code, signal });
    });
    child.once('error', error => resolve({ code: 1, error }));
  });
  const portal = {
    url,
    logFile,
    ended,
    pid: child.pid,
    stop: graceMs => stop(child, ended, graceMs),
  };
  try {
    await waitUntilReady(portal, data, signal);
    return portal;
  } catch (error) {
    await portal.stop(5_000);
    throw error;
  }
}

/** Settings of this checkout alone, which git does not have. */
export function localConfigs(home = root) {
  const file = path.join(home, 'app-config.local.yaml');
  return fs.existsSync(file) ? [file] : [];
}

function backendArguments(home, configs) {
  const all = [path.join(home, 'app-config.yaml'), ...configs];
  return [
    '--enable-source-maps',
    '--no-warnings=ExperimentalWarning',
    '--require',
    path.join(root, 'scripts/lib/endWithParent.cjs'),
    '--require',
    path.join(
      home,
      'node_modules/@backstage/cli-node/config/nodeTransform.cjs',
    ),
    'src/index',
    ...all.flatMap(file => ['--config', file]),
  ];
}

/**
 * The configuration of a portal on a port, as variables. The built pages take theirs from the server, so another port needs no new
 * build; with `pages` another server has them.
 */
export function settings({ port, data, pages = `http://localhost:${port}` }) {
  return {
    APP_CONFIG_app_baseUrl: JSON.stringify(pages),
    APP_CONFIG_backend_baseUrl: JSON.stringify(`http://localhost:${port}`),
    APP_CONFIG_backend_cors_origin: JSON.stringify(pages),
    APP_CONFIG_backend_listen_port: String(port),
    APP_CONFIG_backend_database_connection_directory: JSON.stringify(
      path.join(data, 'db'),
    ),
    APP_CONFIG_mlops_dataDirectory: JSON.stringify(data),
    MLOPS_STARTER_PID: String(process.pid),
  };
}

const userFile = data => path.join(data, 'portal.json');

/** Writes down who uses a folder of data, so that nobody takes it away meanwhile; what it returns takes that back. */
export function rememberUser(data, user) {
  const text = JSON.stringify(user);
  fs.mkdirSync(data, { recursive: true });
  fs.writeFileSync(userFile(data), text);
  return () => {
    // Another portal may have come since.
    if (readUser(data)?.pid === user.pid)
      fs.rmSync(userFile(data), { force: true });
  };
}

function readUser(data) {
  try {
    return JSON.parse(fs.readFileSync(userFile(data), 'utf8'));
  } catch {
    return undefined;
  }
}

/** The portal that uses a folder of data: `{pid, port}`; undefined when none lives. */
export function findUser(data = dataFolder) {
  const user = readUser(data);
  return user && isPortal(user.pid) ? user : undefined;
}

/** Rejects with a sentence when another portal uses the folder. One that is about to end is waited for. */
export async function checkDataIsFree(data = dataFolder, patienceMs = 10_000) {
  const deadline = Date.now() + patienceMs;
  for (let user = findUser(data); user; user = findUser(data)) {
    if (Date.now() >= deadline)
      throw new Trouble(
        `A portal on port ${user.port} (process ${user.pid}) uses ${data}. Stop it first (Ctrl-C), or give this one a folder of its own: MLOPS_DATA_DIRECTORY=/another/folder npm start.`,
      );
    await new Promise(resolve => setTimeout(resolve, 200));
  }
}

// After a crash the number may be another program's.
function isPortal(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
  try {
    const words = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return /src\/index|scripts\/dev\.mjs/.test(words);
  } catch {
    return true;
  }
}

async function waitUntilReady({ url, ended, logFile }, data, signal) {
  let over;
  ended.then(result => (over = result));
  const deadline = Date.now() + 180_000;
  while (Date.now() < deadline) {
    if (signal?.aborted) throw new Trouble('Stopped while it started.');
    if (over)
      throw bootTrouble(logFile, data, 'The portal ended while it started.');
    const answer = await fetch(`${url}/.backstage/health/v1/readiness`).catch(
      () => undefined,
    );
    if (answer?.status === 200) return;
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  throw bootTrouble(
    logFile,
    data,
    'The portal did not get ready within 3 minutes.',
  );
}

function bootTrouble(logFile, data, what) {
  const log = fs.readFileSync(logFile, 'utf8').slice(-200_000);
  const lines = log
    .split('\n')
    .map(line => line.replace(/\u001b\[[0-9;]*m/g, '').trim());
  const fault =
    lines.find(line => /^(\w*Error\b|.*\berror\b Plugin )/.test(line)) ??
    lines.find(line => /\berror\b/i.test(line) && !/^at |\bwarn\b/.test(line));
  // A summary says less than the first fault that it lists.
  const said = /following errors:$/.test(fault ?? '')
    ? lines[lines.indexOf(fault) + 1]
    : fault;
  const otherwise = `${what} ${
    said ? `It said: ${said.slice(0, 600)} ` : ''
  }The whole log is in ${logFile}.`;
  const full = /ENOSPC|SQLITE_FULL|disk is full/.test(log) || diskIsFull(data);
  return new Trouble(full ? diskFull : otherwise, log);
}

async function stop(child, ended, graceMs = 25_000) {
  if (child.exitCode === null && child.signalCode === null)
    child.kill('SIGTERM');
  const timer = setTimeout(() => {
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It went meanwhile.
    }
  }, graceMs);
  const result = await ended;
  clearTimeout(timer);
  return result;
}
