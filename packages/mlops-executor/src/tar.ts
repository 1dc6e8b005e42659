/*
 * Packing and unpacking by the system's tar, with arguments as a list. Only archives that `pack` made reach `unpack`; they hold
 * no link that leaves and no device, since the tree is looked at before it is packed.
 */
import { spawn } from 'node:child_process';
import { lstat, readdir, readlink } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** A tar.gz of one file or folder, as a stream. Rejects at the end when tar fails. */
export async function* pack(place: string, compressionLevel = 6): AsyncGenerator<Uint8Array> {
  const child = spawn('tar', ['--create', '--use-compress-program', `gzip -${compressionLevel}`, '--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '--directory', path.dirname(place), '--', path.basename(place)], { stdio: ['ignore', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', chunk => (complaint += chunk));
  const ended = new Promise<number | null>(resolve => child.once('close', resolve));
  const failed = new Promise<never>((_, reject) => child.once('error', reject));
  failed.catch(() => undefined);
  for await (const chunk of child.stdout) yield chunk as Uint8Array;
  if ((await Promise.race([ended, failed])) !== 0) throw new Error(`tar failed: ${complaint.trim().slice(0, 300)}`);
}

/** Unpacks a tar.gz into a folder. */
export async function unpack(body: AsyncIterable<Uint8Array>, folder: string): Promise<void> {
  const child = spawn('tar', ['--extract', '--gzip', '--no-same-owner', '--no-same-permissions', '--delay-directory-restore', '--directory', folder], { stdio: ['pipe', 'ignore', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', chunk => (complaint += chunk));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('close', resolve);
    child.once('error', reject);
  });
  await pipeline(Readable.from(body), child.stdin).catch(() => undefined);
  if ((await ended) !== 0) throw new Error(`tar failed: ${complaint.trim().slice(0, 300)}`);
}

/** Size of a tree that may be stored. Throws for links that leave it, devices, sockets, pipes, and more than the limits. */
export async function measureTree(place: string, limits: { bytes: number; entries: number }): Promise<number> {
  let bytes = 0;
  let entries = 0;
  const visit = async (item: string): Promise<void> => {
    if (++entries > limits.entries) throw new Error(`it holds more than ${limits.entries} files`);
    const stat = await lstat(item);
    if (stat.isSymbolicLink()) return checkLink(place, item);
    if (stat.isDirectory()) {
      for (const name of await readdir(item)) await visit(path.join(item, name));
      return undefined;
    }
    if (!stat.isFile()) throw new Error(`'${path.relative(path.dirname(place), item)}' is neither a file nor a folder`);
    bytes += stat.size;
    if (bytes > limits.bytes) throw new Error(`it is larger than ${limits.bytes} bytes`);
    return undefined;
  };
  await visit(place);
  return bytes;
}

async function checkLink(place: string, item: string): Promise<void> {
  const target = await readlink(item);
  const resolved = path.resolve(path.dirname(item), target);
  if (path.isAbsolute(target) || !(resolved === place || resolved.startsWith(place + path.sep)))
    throw new Error(`illegal symlink target '${target}' of '${path.relative(path.dirname(place), item)}'`);
}
