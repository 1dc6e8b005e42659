import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import zlib from 'node:zlib';
import { unzip } from './zip.mjs';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'zip-'));
after(() => fs.rmSync(folder, { recursive: true }));

/** A zip file of some texts, every second one compressed. */
function zipOf(texts) {
  const bodies = [];
  const list = [];
  let offset = 0;
  Object.entries(texts).forEach(([name, text], i) => {
    const isPlain = i % 2 === 0;
    const body = isPlain ? Buffer.from(text) : zlib.deflateRawSync(text);
    const head = Buffer.alloc(30);
    head.writeUInt32LE(0x04034b50, 0);
    head.writeUInt16LE(name.length, 26);
    head.writeUInt16LE(3, 28);
    const row = Buffer.alloc(46);
    row.writeUInt32LE(0x02014b50, 0);
    row.writeUInt16LE(isPlain ? 0 : 8, 10);
    row.writeUInt32LE(body.length, 20);
    row.writeUInt16LE(name.length, 28);
    row.writeUInt32LE(offset, 42);
    const part = Buffer.concat([head, Buffer.from(`${name}xxx`), body]);
    offset += part.length;
    bodies.push(part);
    list.push(row, Buffer.from(name));
  });
  const directory = Buffer.concat(list);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...bodies, directory, end]);
}

test('the wanted entries come out under their new names, plain or compressed', async () => {
  const file = path.join(folder, 'a.zip');
  const long = 'word '.repeat(10_000);
  fs.writeFileSync(
    file,
    zipOf({ 'a/plain': 'one', 'a/small': long, 'b/left': 'no', 'a/empty': '' }),
  );
  const written = await unzip(
    file,
    path.join(folder, 'out'),
    name => /^a\/(.*)/.exec(name)?.[1],
  );
  assert.equal(written, 3);
  const read = name => fs.readFileSync(path.join(folder, 'out', name), 'utf8');
  assert.deepEqual([read('plain'), read('small')], ['one', long]);
  assert.ok(!fs.existsSync(path.join(folder, 'out/left')));
});

test('a file that was cut off is refused', async () => {
  const file = path.join(folder, 'b.zip');
  fs.writeFileSync(file, zipOf({ a: 'text' }).subarray(0, -10));
  await assert.rejects(
    unzip(file, folder, name => name),
    /cut off/,
  );
});
