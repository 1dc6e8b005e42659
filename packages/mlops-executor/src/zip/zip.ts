/* Artifacts as zip archives: the one entry at the top is the file or folder, as with tar. Links have no place in them. */
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { open as openZip, type Entry, type ZipFile } from 'yauzl';
import { ZipFile as ZipWriter } from 'yazl';
import { listTree, type TreeLimits } from '../tar/pack';

const folderMode = 0o40755;
const linkBits = 0o120000;
const typeBits = 0o170000;

/** Packs a file or folder. Throws for links, devices, and more than the limits, before the first byte. */
export async function packZip(
  host: string,
  limits: TreeLimits,
): Promise<AsyncIterable<Uint8Array>> {
  const entries = await listTree(host, limits);
  const link = entries.find(({ type }) => type === 'link');
  if (link)
    throw new Error(
      `'${link.name}' is a symbolic link, which a zip archive cannot hold`,
    );
  const zip = new ZipWriter();
  const root = path.basename(host);
  for (const { name, type, mode } of entries) {
    // The same bytes give the same archive.
    const options = { mtime: new Date(0) };
    if (type === 'folder')
      zip.addEmptyDirectory(name, { ...options, mode: folderMode });
    else
      zip.addReadStreamLazy(name, { ...options, mode: 0o100000 | mode }, done =>
        done(null, createReadStream(host + name.slice(root.length))),
      );
  }
  zip.end();
  return zip.outputStream as unknown as AsyncIterable<Uint8Array>;
}

/** Whether a file begins as a zip archive does. */
export async function isZip(file: string): Promise<boolean> {
  const handle = await open(file, 'r');
  try {
    const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.toString('latin1') === 'PK\u0003\u0004';
  } finally {
    await handle.close();
  }
}

/** Unpacks an archive into an empty folder. Throws for names that leave it, links, and more than the limits. */
export async function unpackZip(
  file: string,
  folder: string,
  limits: TreeLimits,
): Promise<void> {
  const zip = await opened(file);
  let bytes = 0;
  let count = 0;
  try {
    for (let entry = await next(zip); entry; entry = await next(zip)) {
      count += 1;
      bytes += entry.uncompressedSize;
      if (count > limits.entries)
        throw new Error(`it holds more than ${limits.entries} files`);
      if (bytes > limits.bytes)
        throw new Error(`it is larger than ${limits.bytes} bytes`);
      await take(zip, entry, folder);
    }
  } finally {
    zip.close();
  }
}

// The library refuses absolute names, `..` and backslashes, and entries that are larger than they say.
const opened = (file: string): Promise<ZipFile> =>
  new Promise((resolve, reject) =>
    openZip(
      file,
      {
        lazyEntries: true,
        autoClose: false,
        strictFileNames: true,
        validateEntrySizes: true,
      },
      (error, zip) => (error ? reject(error) : resolve(zip)),
    ),
  );

const next = (zip: ZipFile): Promise<Entry | undefined> =>
  new Promise((resolve, reject) => {
    const listen = (on: 'on' | 'off') => {
      zip[on]('entry', onEntry);
      zip[on]('end', onEnd);
      zip[on]('error', onError);
    };
    const onEntry = (entry: Entry) => {
      listen('off');
      resolve(entry);
    };
    const onEnd = () => {
      listen('off');
      resolve(undefined);
    };
    const onError = (error: Error) => {
      listen('off');
      reject(error);
    };
    listen('on');
    zip.readEntry();
  });

async function take(zip: ZipFile, entry: Entry, folder: string): Promise<void> {
  const { fileName, externalFileAttributes } = entry;
  const mode = externalFileAttributes >>> 16;
  if ((mode & typeBits) === linkBits)
    throw new Error(`'${fileName}' is a symbolic link`);
  const target = path.join(folder, fileName);
  if (fileName.endsWith('/')) {
    await mkdir(target, { recursive: true });
    return;
  }
  await mkdir(path.dirname(target), { recursive: true });
  const stream = await new Promise<NodeJS.ReadableStream>((resolve, reject) =>
    zip.openReadStream(entry, (error, body) =>
      error ? reject(error) : resolve(body),
    ),
  );
  await pipeline(
    stream,
    createWriteStream(target, {
      flags: 'wx',
      mode: mode & 0o111 ? 0o755 : 0o644,
    }),
  );
}
