/* Reads a zip file (a Python wheel is one) without a program for it: the directory at its end, then the entries that are wanted. */
import fs from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import zlib from 'node:zlib';

const entryMark = 0x02014b50;

/** Writes the entries that `wanted` gives a file name for below `folder`; returns how many. */
export async function unzip(file, folder, wanted) {
  const handle = await open(file);
  try {
    let written = 0;
    for (const entry of await directoryOf(handle)) {
      const name = wanted(entry.name);
      if (!name) continue;
      await write(file, await bodyOf(handle, entry), path.join(folder, name));
      written += 1;
    }
    return written;
  } finally {
    await handle.close();
  }
}

async function directoryOf(handle) {
  const { size } = await handle.stat();
  const tail = await read(handle, Math.max(0, size - 65_557), size);
  const end = tail.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || end + 22 > tail.length)
    throw new Error('this is no zip file, or it was cut off');
  const bytes = tail.readUInt32LE(end + 12);
  const start = tail.readUInt32LE(end + 16);
  const list = await read(handle, start, start + bytes);
  const entries = [];
  for (let at = 0; at + 46 <= list.length; ) {
    if (list.readUInt32LE(at) !== entryMark)
      throw new Error('the directory of the zip file is broken');
    const nameBytes = list.readUInt16LE(at + 28);
    entries.push({
      isPlain: list.readUInt16LE(at + 10) === 0,
      sizeBytes: list.readUInt32LE(at + 20),
      offset: list.readUInt32LE(at + 42),
      name: list.toString('utf8', at + 46, at + 46 + nameBytes),
    });
    at +=
      46 + nameBytes + list.readUInt16LE(at + 30) + list.readUInt16LE(at + 32);
  }
  return entries;
}

// The header before the bytes has lengths of its own.
async function bodyOf(handle, entry) {
  const head = await read(handle, entry.offset, entry.offset + 30);
  const start =
    entry.offset + 30 + head.readUInt16LE(26) + head.readUInt16LE(28);
  return { ...entry, start };
}

async function write(file, { start, sizeBytes, isPlain }, target) {
  fs.mkdirSync(path.dirname(target), { recursive: true });
  if (sizeBytes === 0) return fs.writeFileSync(target, '');
  const source = fs.createReadStream(file, {
    start,
    end: start + sizeBytes - 1,
  });
  const sink = fs.createWriteStream(target);
  return isPlain
    ? pipeline(source, sink)
    : pipeline(source, zlib.createInflateRaw(), sink);
}

async function read(handle, from, to) {
  const bytes = Buffer.alloc(to - from);
  await handle.read(bytes, 0, bytes.length, from);
  return bytes;
}
