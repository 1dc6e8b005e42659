/*
 * TensorFlow's C library out of the official Python wheel, which needs no Python to be used: two shared libraries and their headers.
 * It lies in a git-ignored folder beside node_modules, so a new install of the packages does not fetch it again.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { root } from '../paths.mjs';
import { run } from '../run.mjs';
import { step, Trouble, remedyFor } from '../say.mjs';
import { unzip } from './zip.mjs';

const version = '2.13.1';

/** What is fetched, and where it lies afterwards. */
export const library = {
  version,
  wheel: `tensorflow_cpu-${version}-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl`,
  digest: '87be6e61314b2c0fa062f71e26e41d6a17e162ffe4da72c820fe8f1fc94d97fe',
  folder: path.join(root, '.tfjs-native', `tensorflow-cpu-${version}`),
  files: ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'],
};

export const hasLibrary = () => fs.existsSync(library.folder);

/** Fetches, checks and unpacks; `given` is a wheel of the person's own. Leaves nothing half done. */
export async function fetchLibrary(given) {
  const unfinished = `${library.folder}.part`;
  fs.rmSync(unfinished, { recursive: true, force: true });
  fs.mkdirSync(unfinished, { recursive: true });
  try {
    const wheel =
      given ?? (await step('Fetching the wheel', () => fetchWheel(unfinished)));
    await checkDigest(wheel);
    await step('Unpacking it', () => unpack(wheel, unfinished));
    if (!given) fs.rmSync(wheel);
    fs.renameSync(unfinished, library.folder);
  } catch (error) {
    fs.rmSync(unfinished, { recursive: true, force: true });
    throw error;
  }
}

const elsewhere = `fetch ${library.wheel} elsewhere and run npm run setup:tfjs-native -- --wheel <file>`;

async function fetchWheel(folder) {
  const file = path.join(folder, library.wheel);
  if (hasPip()) await fetchByPip(folder);
  else
    await fetchByHttp(file).catch(error =>
      unreachable(String(error.cause ?? error)),
    );
  if (!fs.existsSync(file))
    throw new Trouble(
      `The Python package index gave another file than ${library.wheel}. Or ${elsewhere}.`,
    );
  return file;
}

const hasPip = () =>
  spawnSync('python3', ['-m', 'pip', '--version'], { stdio: 'ignore' })
    .status === 0;

async function fetchByPip(folder) {
  const platforms = ['manylinux_2_17_x86_64', 'manylinux2014_x86_64'];
  const { code, output } = await run('python3', [
    ...['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:'],
    ...['--disable-pip-version-check', '--no-input', '--python-version', '311'],
    ...platforms.flatMap(name => ['--platform', name]),
    ...['--dest', folder, `tensorflow-cpu==${version}`],
  ]);
  if (code !== 0) unreachable(output);
}

// A bare Debian has python3 without pip. This is the index's own interface, the one that pip uses.
async function fetchByHttp(file) {
  const index = process.env.PIP_INDEX_URL ?? 'https://pypi.org/simple';
  const page = await fetch(`${index.replace(/\/$/, '')}/tensorflow-cpu/`, {
    headers: { accept: 'application/vnd.pypi.simple.v1+json' },
  });
  if (!page.ok) throw new Error(`${page.url} answers ${page.status}`);
  const { files } = await page.json();
  const found = files.find(({ filename }) => filename === library.wheel);
  if (!found) throw new Error(`${page.url} has no ${library.wheel}`);
  const answer = await fetch(new URL(found.url, page.url));
  if (!answer.ok) throw new Error(`${answer.url} answers ${answer.status}`);
  await pipeline(answer.body, fs.createWriteStream(file));
}

function unreachable(output) {
  const sentence = `The wheel cannot be fetched from the Python package index. Check the network, or ${elsewhere}.`;
  throw new Trouble(
    /ENOSPC|no space left/i.test(output)
      ? remedyFor(output, sentence)
      : sentence,
    output,
  );
}

async function checkDigest(wheel) {
  if (!fs.existsSync(wheel))
    throw new Trouble(
      `There is no file '${wheel}'. Name the wheel that you fetched.`,
    );
  const hash = createHash('sha256');
  await pipeline(fs.createReadStream(wheel), hash);
  if (hash.digest('hex') !== library.digest)
    throw new Trouble(
      `'${path.basename(
        wheel,
      )}' is not the file that was expected (its sha256 differs from ${library.digest.slice(
        0,
        12,
      )}...). Fetch it again and run the command again.`,
    );
}

const headers =
  /^tensorflow\/include\/((?:tensorflow\/(?:c|tsl|core\/platform)|tsl|xla\/tsl)\/.*\.h)$/;

async function unpack(wheel, folder) {
  const written = await unzip(wheel, folder, name => {
    const header = headers.exec(name);
    if (header) return `include/${header[1]}`;
    const file = path.posix.basename(name);
    return name === `tensorflow/${file}` && library.files.includes(file)
      ? `lib/${file}`
      : undefined;
  });
  if (written <= library.files.length)
    throw new Trouble(
      'The wheel does not hold what it should. Delete it and run the command again.',
    );
}
