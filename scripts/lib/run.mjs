import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { keep } from './keeper.mjs';
import { yarnSettings } from './npmSettings.mjs';
import { portalFolder, root, yarnRelease } from './paths.mjs';
import { diskIsFull } from './disk.mjs';
import { diskFull, Trouble, remedyFor } from './say.mjs';

/**
 * The environment for children. npm hands its settings down as `npm_*` variables, among them headers of another Node, so
 * none of them is passed on as it is; Yarn gets those it needs by its own names. A two-line `yarn` shim stands on the PATH, since the Backstage CLI calls it by name.
 */
export function childEnvironment(nodeBinary, extra = {}) {
  const environment = {};
  for (const [key, value] of Object.entries(process.env))
    if (!/^npm_/i.test(key) && key !== 'NODE_OPTIONS') environment[key] = value;
  Object.assign(environment, yarnSettings(process.env));
  environment.PATH = [
    shimFolder(nodeBinary),
    path.dirname(nodeBinary),
    process.env.PATH,
  ].join(path.delimiter);
  return { ...environment, ...extra };
}

function shimFolder(nodeBinary) {
  const folder = path.join(portalFolder, 'bin');
  const file = path.join(folder, 'yarn');
  const text = `#!/bin/sh\nexec "${nodeBinary}" "${yarnRelease}" "$@"\n`;
  fs.mkdirSync(folder, { recursive: true });
  if (!fs.existsSync(file) || fs.readFileSync(file, 'utf8') !== text)
    fs.writeFileSync(file, text, { mode: 0o755 });
  return folder;
}

const running = new Set();

/** Ends every child that `run` started and that still runs. */
export function endChildren(signal = 'SIGTERM') {
  for (const child of running) {
    try {
      process.kill(-child.pid, signal);
    } catch {
      child.kill(signal);
    }
  }
}

/**
 * Runs a program to its end. Resolves with exit code and output; with `show` the output also goes to the terminal. With
 * `otherwise` a failure is a Trouble with that sentence (or a better one, when the cause is a usual one). With `bound` it ends with
 * this process, also when that is killed.
 */
export function run(program, args, options = {}) {
  const { cwd = root, env, show = false, otherwise, bound = false } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    const release = bound && child.pid ? keep({ pid: -child.pid }) : () => {};
    let output = '';
    const take = stream => chunk => {
      output = (output + chunk).slice(-200_000);
      if (show) stream.write(chunk);
    };
    child.stdout.on('data', take(process.stdout));
    child.stderr.on('data', take(process.stderr));
    child.once('error', error => {
      running.delete(child);
      reject(
        new Trouble(
          otherwise ?? `${program} cannot be started: ${error.message}`,
          String(error),
        ),
      );
    });
    child.once('close', (code, signal) => {
      running.delete(child);
      release();
      const result = { code: code ?? 128, signal, output };
      if (otherwise && result.code !== 0)
        reject(
          new Trouble(
            diskIsFull(root) ? diskFull : remedyFor(output, otherwise),
            output,
          ),
        );
      else resolve(result);
    });
  });
}
