/*
 * Unpacks a tar.gz into an empty folder of our own. Archives may come from steps, so names that are absolute or climb, links
 * that leave, hard links and devices are refused, and links are made last: nothing is ever written through one.
 */
import { createReadStream } from 'node:fs';
import { open, symlink } from 'node:fs/promises';
import path from 'node:path';
import { createGunzip } from 'node:zlib';
import {
  blockBytes,
  isHeader,
  readHeader,
  readPax,
  type TarEntry,
} from './header';
import { makeFolders } from '../insidePath';
import { staysInside } from './links';
import type { TreeLimits } from './pack';

const paddingOf = (sizeBytes: number) =>
  (blockBytes - (sizeBytes % blockBytes)) % blockBytes;

/** Takes exact numbers of bytes from a stream. */
class ByteReader {
  private readonly iterator: AsyncIterator<Buffer>;
  private held: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.iterator = source[Symbol.asyncIterator]();
  }

  /** At most that many bytes, at least one; undefined at the end. */
  async some(atMost: number): Promise<Buffer | undefined> {
    while (this.held.length === 0) {
      const { value, done } = await this.iterator.next();
      if (done) return undefined;
      this.held = value;
    }
    const taken = this.held.subarray(0, atMost);
    this.held = this.held.subarray(taken.length);
    return taken;
  }

  /** Exactly that many bytes; fewer at the end. */
  async exactly(sizeBytes: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let left = sizeBytes; left > 0; ) {
      const part = await this.some(left);
      if (!part) break;
      parts.push(part);
      left -= part.length;
    }
    return Buffer.concat(parts);
  }
}

function openArchive(file: string): { reader: ByteReader; close(): void } {
  const bytes = createReadStream(file);
  const gunzip = createGunzip();
  bytes.on('error', error => gunzip.destroy(error));
  bytes.pipe(gunzip);
  const close = () => {
    bytes.destroy();
    gunzip.destroy();
  };
  return { reader: new ByteReader(gunzip), close };
}

/** Whether a file is a tar.gz, by its first bytes, as Argo decides it. */
export async function isTarGzip(file: string): Promise<boolean> {
  const { reader, close } = openArchive(file);
  try {
    const block = await reader.exactly(blockBytes);
    return isHeader(block);
  } catch {
    return false;
  } finally {
    close();
  }
}

/** Unpacks a tar.gz file into an existing empty folder. Throws for whatever is not a plain tree within the limits. */
export async function unpack(
  file: string,
  folder: string,
  limits: TreeLimits,
): Promise<void> {
  const { reader, close } = openArchive(file);
  const links: TarEntry[] = [];
  const left = { ...limits };
  try {
    for await (const entry of entriesOf(reader)) {
      if (--left.entries < 0)
        throw new Error(`the archive holds more than ${limits.entries} files`);
      left.bytes -= entry.sizeBytes;
      if (left.bytes < 0)
        throw new Error(`the archive holds more than ${limits.bytes} bytes`);
      if (entry.type === 'link') links.push(entry);
      else await write(reader, folder, entry);
    }
    for (const { name, target } of links) {
      await makeFolders(folder, path.dirname(name));
      await symlink(target!, path.join(folder, name));
    }
  } finally {
    close();
  }
}

async function write(
  reader: ByteReader,
  folder: string,
  entry: TarEntry,
): Promise<void> {
  const host = path.join(folder, entry.name);
  if (entry.type === 'folder') {
    await makeFolders(folder, entry.name);
    return;
  }
  await makeFolders(folder, path.dirname(entry.name));
  const file = await open(host, 'wx', entry.mode | 0o600);
  try {
    for (let left = entry.sizeBytes; left > 0; ) {
      const part = await reader.some(left);
      if (!part) throw new Error('the archive ends too early');
      await file.writeFile(part);
      left -= part.length;
    }
  } finally {
    await file.close();
  }
  await reader.exactly(paddingOf(entry.sizeBytes));
}

/** Entries in order; whoever takes one must read its bytes. */
async function* entriesOf(reader: ByteReader): AsyncGenerator<TarEntry> {
  let longer = new Map<string, string>();
  for (;;) {
    const block = await reader.exactly(blockBytes);
    if (block.length < blockBytes || block.every(byte => byte === 0)) return;
    const header = readHeader(block);
    const isExtension = 'xgLK'.includes(header.typeFlag);
    if (!isExtension) {
      yield toEntry(header, longer);
      longer = new Map();
      continue;
    }
    if (header.sizeBytes > 1024 * 1024)
      throw new Error('the archive is damaged');
    const body = await reader.exactly(header.sizeBytes);
    await reader.exactly(paddingOf(header.sizeBytes));
    if (header.typeFlag === 'x')
      longer = new Map([...longer, ...readPax(body)]);
    if (header.typeFlag === 'L') longer.set('path', untilZero(body));
    if (header.typeFlag === 'K') longer.set('linkpath', untilZero(body));
  }
}

function untilZero(body: Buffer): string {
  const end = body.indexOf(0);
  return body.subarray(0, end < 0 ? body.length : end).toString('utf8');
}

const types: Record<string, TarEntry['type'] | undefined> = {
  '0': 'file',
  '\0': 'file',
  '2': 'link',
  '5': 'folder',
};

function toEntry(
  header: ReturnType<typeof readHeader>,
  longer: Map<string, string>,
): TarEntry {
  const given = longer.get('path') ?? header.name;
  const name = given.replace(/\/+$/, '').replace(/^(\.\/)+/, '') || '.';
  const target = longer.get('linkpath') ?? header.target;
  const type = types[header.typeFlag];
  const isFolder = type === 'file' && given.endsWith('/');
  if (!type)
    throw new Error(
      `'${name}' is neither a file, a folder nor a symbolic link`,
    );
  if (
    given.startsWith('/') ||
    name.includes('\0') ||
    name.split('/').includes('..')
  )
    throw new Error(`illegal name '${given}' in the archive`);
  if (type === 'link' && !staysInside(name, target))
    throw new Error(`illegal symlink target '${target}' of '${name}'`);
  const sizeBytes = type === 'file' && !isFolder ? sizeOf(header, longer) : 0;
  return {
    name,
    type: isFolder ? 'folder' : type,
    mode: header.mode,
    sizeBytes,
    target,
  };
}

function sizeOf(
  header: ReturnType<typeof readHeader>,
  longer: Map<string, string>,
): number {
  const text = longer.get('size');
  const size = text === undefined ? header.sizeBytes : Number(text);
  if (!Number.isSafeInteger(size) || size < 0)
    throw new Error('the archive is damaged');
  return size;
}
