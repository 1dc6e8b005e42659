/* Packs a file or folder that a step left into a tar.gz whose only entry at the top is that file or folder. */
import { constants } from 'node:fs';
import {
  chmod,
  lstat,
  open,
  readdir,
  readlink,
  stat as follow,
} from 'node:fs/promises';
import path from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { leadsBack, staysInside } from './links';
import { blockBytes, padding, toHeader, type TarEntry } from './header';

const nameLimit = 2000;

/** What a tree may hold. */
export interface TreeLimits {
  bytes: number;
  entries: number;
}

/**
 * Lists a tree, folders before what they hold, names sorted. Throws for links that leave it or lead in a circle, devices,
 * sockets, pipes, and more than the limits.
 */
export async function listTree(
  place: string,
  limits: TreeLimits,
): Promise<TarEntry[]> {
  const entries: TarEntry[] = [];
  let bytes = 0;
  const visit = async (host: string, name: string): Promise<void> => {
    if (entries.length >= limits.entries)
      throw new Error(`it holds more than ${limits.entries} files`);
    if (name.length > nameLimit)
      throw new Error(
        `it holds a path of more than ${nameLimit} characters: '${name.slice(
          0,
          40,
        )}...'`,
      );
    const entry = await entryOf(host, name);
    entries.push(entry);
    bytes += entry.sizeBytes;
    if (bytes > limits.bytes)
      throw new Error(`it is larger than ${limits.bytes} bytes`);
    if (entry.type !== 'folder') return;
    for (const child of (await readdir(host)).sort())
      await visit(path.join(host, child), `${name}/${child}`);
  };
  await visit(place, path.basename(place));
  return entries;
}

async function entryOf(host: string, name: string): Promise<TarEntry> {
  const stat = await lstat(host);
  if (stat.isSymbolicLink()) {
    const target = await readlink(host);
    if (!staysInside(name, target))
      throw new Error(`illegal symlink target '${target}' of '${name}'`);
    if (leadsBack(name, target) || (await isRing(host)))
      throw new Error(`the link '${name}' to '${target}' leads in a circle`);
    return { name, type: 'link', mode: 0o777, sizeBytes: 0, target };
  }
  const runs = (stat.mode & 0o111) !== 0;
  // A step may take its own rights away; what it left is to be read all the same, by a portal that is not root.
  const needed = stat.isDirectory() ? 0o500 : 0o400;
  const isPlain = stat.isDirectory() || stat.isFile();
  if (isPlain && (stat.mode & needed) !== needed)
    await chmod(host, (stat.mode & 0o777) | needed);
  if (stat.isDirectory())
    return { name, type: 'folder', mode: 0o755, sizeBytes: 0 };
  if (!stat.isFile())
    throw new Error(`'${name}' is neither a file nor a folder`);
  const mode = runs ? 0o755 : 0o644;
  return { name, type: 'file', mode, sizeBytes: stat.size };
}

const isRing = (host: string) =>
  follow(host).then(
    () => false,
    error => error.code === 'ELOOP',
  );

/** A tar.gz of one file or folder, as a stream. Equal trees give equal bytes. */
export function pack(
  place: string,
  limits: TreeLimits,
  compressionLevel?: number,
): AsyncIterable<Uint8Array> {
  const source = Readable.from(blocks(place, limits), { objectMode: false });
  const gzip = createGzip({ level: compressionLevel ?? -1 });
  // Whoever reads the archive is told of a fault by the archive itself.
  return pipeline(source, gzip, () => {});
}

async function* blocks(
  place: string,
  limits: TreeLimits,
): AsyncGenerator<Buffer> {
  for (const entry of await listTree(place, limits)) {
    yield toHeader(entry);
    if (entry.sizeBytes === 0) continue;
    yield* bytesOf(path.join(path.dirname(place), entry.name), entry);
    yield padding(entry.sizeBytes);
  }
  yield Buffer.alloc(2 * blockBytes);
}

// The size stands in the header already, so a file that changes meanwhile is a fault.
async function* bytesOf(
  host: string,
  { name, sizeBytes }: TarEntry,
): AsyncGenerator<Buffer> {
  const file = await open(host, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    let left = sizeBytes;
    while (left > 0) {
      const buffer = Buffer.alloc(Math.min(left, 256 * 1024));
      const { bytesRead } = await file.read(buffer, 0, buffer.length);
      if (bytesRead === 0)
        throw new Error(`'${name}' became shorter while it was read`);
      left -= bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}
