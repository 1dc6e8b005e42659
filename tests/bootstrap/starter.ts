/* The scripts as a person starts them: a process of their own, in this checkout or in a fresh copy of what they need. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { keep } from '../../scripts/lib/keeper.mjs';

/** The checkout. */
export const root = path.resolve(import.meta.dirname, '../..');

export const node = process.env.MLOPS_TEST_NODE ?? process.execPath;

/** How a script ended. */
export interface End {
  code: number | null;
  /** What it wrote to standard error, without npm's own lines. */
  complaint: string;
  output: string;
}

/** A started script; `said` waits for words on its standard output. */
export interface Started {
  child: ChildProcess;
  end: Promise<End>;
  said(pattern: RegExp, timeoutMs: number): Promise<RegExpExecArray>;
}

export interface StartOptions {
  cwd?: string;
  env?: Record<string, string | undefined>;
  uid?: number;
}

/** Starts a program in a process group of its own, as a terminal does. */
export function start(
  program: string,
  args: string[],
  { cwd = root, env = {}, uid }: StartOptions = {},
): Started {
  const child = spawn(program, args, {
    cwd,
    env: { ...withoutNpm(), ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  const release = child.pid ? keep({ pid: -child.pid }) : () => {};
  let output = '';
  let complaint = '';
  child.stdout.on('data', chunk => (output += chunk));
  child.stderr.on('data', chunk => (complaint += chunk));
  const end = new Promise<End>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', code => {
      release();
      resolve({ code, output, complaint: withoutNotices(complaint) });
    });
  });
  const said = async (pattern: RegExp, timeoutMs: number) => {
    const deadline = Date.now() + timeoutMs;
    while (Date.now() < deadline) {
      const found = pattern.exec(output);
      if (found) return found;
      if (child.exitCode !== null) break;
      await new Promise(resolve => setTimeout(resolve, 50));
    }
    throw new Error(`${pattern} was not said: ${output}\n${complaint}`);
  };
  return { child, end, said };
}

/** Runs one of our scripts to its end. */
export function runScript(
  name: string,
  options: StartOptions & { args?: string[]; from?: string } = {},
): Promise<End> {
  const from = options.from ?? root;
  return start(
    node,
    [path.join(from, 'scripts', name), ...(options.args ?? [])],
    { cwd: from, ...options },
  ).end;
}

function withoutNpm(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([key]) => !/^npm_|^NODE_OPTIONS$|^NODE_TEST_CONTEXT$/i.test(key),
    ),
  ) as Record<string, string>;
}

const withoutNotices = (text: string) =>
  text
    .split('\n')
    .filter(line => !/^npm (warn|notice|error)/.test(line) && line.trim())
    .join('\n');

/** A copy of the committed bootstrap and manifests, without packages: what a fresh clone is before the first command. */
export function freshCopy(folder = temporaryFolder()): string {
  const files = execFileSync(
    'git',
    ['ls-files', '-z', 'scripts', '.yarn', '*package.json', ...topFiles],
    { cwd: root, encoding: 'utf8' },
  );
  for (const file of files.split('\0').filter(Boolean)) {
    const source = path.join(root, file);
    if (!fs.existsSync(source)) continue;
    fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    fs.copyFileSync(source, path.join(folder, file));
  }
  return folder;
}

const topFiles = ['yarn.lock', '.yarnrc.yml', 'backstage.json', '*.yaml'];

export const temporaryFolder = () =>
  fs.mkdtempSync(path.join(os.tmpdir(), 'mlops-bootstrap-'));

/** A folder that holds links to the named programs only, to be a whole PATH. */
export function pathWith(folder: string, ...programs: string[]): string {
  const bin = path.join(folder, 'bin');
  fs.mkdirSync(bin, { recursive: true });
  for (const program of programs) {
    const [source] = (process.env.PATH ?? '')
      .split(path.delimiter)
      .map(place => path.join(place, program))
      .filter(file => fs.existsSync(file));
    fs.symlinkSync(fs.realpathSync(source), path.join(bin, program));
  }
  return bin;
}

/** Processes whose command line (on Linux: or environment) names the text, except this one. */
export function processesThatName(text: string): string[] {
  return allProcesses()
    .filter(
      ({ pid, words, settings }) =>
        pid !== process.pid &&
        (words.includes(text) || settings.includes(text)),
    )
    .map(({ pid, words }) => `${pid} ${words}`);
}

function allProcesses(): { pid: number; words: string; settings: string }[] {
  if (process.platform !== 'linux')
    return execFileSync('ps', ['-Aww', '-o', 'pid=,command='], {
      encoding: 'utf8',
    })
      .split('\n')
      .map(line => ({ pid: parseInt(line, 10), words: line, settings: '' }));
  return fs
    .readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(pid => {
      try {
        const read = (name: string) =>
          fs.readFileSync(`/proc/${pid}/${name}`, 'utf8');
        return [
          {
            pid: Number(pid),
            words: read('cmdline').replaceAll('\0', ' '),
            settings: read('environ'),
          },
        ];
      } catch {
        // It ended meanwhile, or belongs to somebody else.
        return [];
      }
    });
}
