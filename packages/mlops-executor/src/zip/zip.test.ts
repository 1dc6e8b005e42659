import { createWriteStream } from 'node:fs';
import {
  mkdir,
  mkdtemp,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { isZip, packZip, unpackZip } from './zip';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'zip-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const limits = { bytes: 1000, entries: 10 };
const at = (...parts: string[]) => path.join(folder, ...parts);

it('gives back what was packed: files, folders, programs', async () => {
  await mkdir(at('model/empty'), { recursive: true });
  await writeFile(at('model/weights'), 'abc');
  await writeFile(at('model/run.sh'), 'echo', { mode: 0o755 });
  await pipeline(
    Readable.from(await packZip(at('model'), limits)),
    createWriteStream(at('model.zip')),
  );
  expect(await isZip(at('model.zip'))).toBe(true);
  await mkdir(at('out'));
  await unpackZip(at('model.zip'), at('out'), limits);
  expect(await readFile(at('out/model/weights'), 'utf8')).toBe('abc');
  expect((await stat(at('out/model/empty'))).isDirectory()).toBe(true);
  expect((await stat(at('out/model/run.sh'))).mode & 0o111).toBe(0o111);
});

it('takes no links, and nothing over the limits', async () => {
  await mkdir(at('tree'));
  await writeFile(at('tree/a'), 'x'.repeat(600));
  await symlink('a', at('tree/b'));
  await expect(packZip(at('tree'), limits)).rejects.toThrow(
    "'tree/b' is a symbolic link",
  );
  await rm(at('tree/b'));
  await expect(packZip(at('tree'), { ...limits, bytes: 500 })).rejects.toThrow(
    'it is larger than 500 bytes',
  );
});

async function written(name: string, mode: number, bytes = 'x') {
  const zip = new ZipFile();
  zip.addBuffer(Buffer.from(bytes), 'plain', { mode });
  zip.end();
  const file = at('hostile.zip');
  await pipeline(zip.outputStream, createWriteStream(file));
  // The library that writes refuses such names, so they are put in afterwards.
  const text = await readFile(file, 'latin1');
  await writeFile(file, text.replaceAll('plain', name), 'latin1');
  await mkdir(at('out'), { recursive: true });
  return file;
}

it.each([
  ['../up', 0o100644, /invalid relative path/],
  ['/root', 0o100644, /absolute path/],
  ['a\\\\bc', 0o100644, /invalid characters/],
  ['alink', 0o120777, /is a symbolic link/],
])('refuses the entry %j', async (name, mode, message) => {
  const file = await written(name, mode);
  await expect(unpackZip(file, at('out'), limits)).rejects.toThrow(message);
});

it('ends at the limits of bytes and entries', async () => {
  const file = await written('large', 0o100644, 'x'.repeat(2000));
  await expect(unpackZip(file, at('out'), limits)).rejects.toThrow(
    'it is larger than 1000 bytes',
  );
  await expect(
    unpackZip(file, at('out'), { bytes: 9000, entries: 0 }),
  ).rejects.toThrow('it holds more than 0 files');
});
