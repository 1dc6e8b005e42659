import { execFileSync } from 'node:child_process';
import {
  createWriteStream,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { toHeader, type TarEntry } from './header';
import { listTree, pack } from './pack';
import { isTarGzip, unpack } from './unpack';

const limits = { bytes: 10_000_000, entries: 1000 };
let folder: string;
let count = 0;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'executor-tar-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const fresh = () => {
  const place = path.join(folder, String(count++));
  mkdirSync(place);
  return place;
};

async function packTo(place: string): Promise<string> {
  const file = path.join(fresh(), 'a.tgz');
  await pipeline(Readable.from(pack(place, limits)), createWriteStream(file));
  return file;
}

/** Everything below a folder as text, to compare trees. */
function treeOf(place: string, name = ''): string[] {
  const stat = lstatSync(place);
  if (stat.isSymbolicLink()) return [`${name} -> ${readlinkSync(place)}`];
  if (stat.isDirectory())
    return [
      `${name}/`,
      ...readdirSync(place)
        .sort()
        .flatMap(child => treeOf(path.join(place, child), `${name}/${child}`)),
    ];
  return [
    `${name} ${stat.mode & 0o100 ? 'x' : '-'} ${readFileSync(place).toString(
      'base64',
    )}`,
  ];
}

/** An archive of exactly these entries, as an attacker would write it. */
function archiveOf(
  ...entries: (Partial<TarEntry> & {
    name: string;
    text?: string;
    flag?: string;
  })[]
): string {
  const blocks = entries.map(({ text = '', flag, ...entry }) => {
    const header = toHeader({
      type: 'file',
      mode: 0o644,
      sizeBytes: text.length,
      ...entry,
    });
    if (flag) {
      const before = header[header.length - 512 + 156];
      header[header.length - 512 + 156] = flag.charCodeAt(0);
      const at = header.length - 512 + 148;
      const sum =
        parseInt(header.toString('latin1', at, at + 6), 8) -
        before +
        flag.charCodeAt(0);
      header.write(`${sum.toString(8).padStart(6, '0')}\0 `, at, 'latin1');
    }
    return Buffer.concat([
      header,
      Buffer.from(text),
      Buffer.alloc((512 - (text.length % 512)) % 512),
    ]);
  });
  const file = path.join(fresh(), 'hostile.tgz');
  writeFileSync(file, gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)])));
  return file;
}

const nameArbitrary = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 60 })
  .filter(name => !/[/\0]/.test(name) && !['.', '..'].includes(name));
const treeArbitrary = fc.letrec(tie => ({
  file: fc.uint8Array({ maxLength: 2000 }),
  folder: fc.dictionary(
    nameArbitrary,
    fc.oneof({ maxDepth: 3 }, tie('file'), tie('folder')),
    { maxKeys: 4, noNullPrototype: true },
  ),
})).folder as fc.Arbitrary<Record<string, unknown>>;

function writeTree(place: string, tree: Record<string, unknown>): void {
  mkdirSync(place);
  for (const [name, content] of Object.entries(tree)) {
    if (content instanceof Uint8Array)
      writeFileSync(path.join(place, name), content, {
        mode: content.length % 2 ? 0o755 : 0o644,
      });
    else writeTree(path.join(place, name), content as Record<string, unknown>);
  }
}

it('gives back any tree as it was, and the system tar reads it the same', async () => {
  await fc.assert(
    fc.asyncProperty(treeArbitrary, async tree => {
      const place = path.join(fresh(), 'model');
      writeTree(place, tree);
      const file = await packTo(place);
      expect(await isTarGzip(file)).toBe(true);
      const [ours, theirs] = [fresh(), fresh()];
      await unpack(file, ours, limits);
      expect(treeOf(path.join(ours, 'model'))).toEqual(treeOf(place));
      execFileSync('tar', ['-xzf', file, '-C', theirs]);
      expect(treeOf(path.join(theirs, 'model'))).toEqual(treeOf(place));
    }),
    { numRuns: 40 },
  );
});

it('keeps names and links longer than a header has room for, in both directions', async () => {
  const place = path.join(fresh(), 'model');
  const deep = path.join(place, 'd'.repeat(120), 'é'.repeat(90));
  mkdirSync(deep, { recursive: true });
  writeFileSync(path.join(deep, 'f'.repeat(200)), 'far away');
  symlinkSync(`${'d'.repeat(120)}/${'é'.repeat(90)}`, path.join(place, 'link'));
  const [ours, theirs, back] = [fresh(), fresh(), fresh()];
  const file = await packTo(place);
  await unpack(file, ours, limits);
  expect(treeOf(path.join(ours, 'model'))).toEqual(treeOf(place));
  execFileSync('tar', ['-xzf', file, '-C', theirs]);
  expect(treeOf(path.join(theirs, 'model'))).toEqual(treeOf(place));
  for (const format of ['gnu', 'pax']) {
    const foreign = path.join(back, `${format}.tgz`);
    execFileSync('tar', [
      '-czf',
      foreign,
      `--format=${format}`,
      '-C',
      path.dirname(place),
      'model',
    ]);
    const target = fresh();
    await unpack(foreign, target, limits);
    expect(treeOf(path.join(target, 'model'))).toEqual(treeOf(place));
  }
});

it('gives equal bytes for equal trees, whenever they were written', async () => {
  const [one, two] = [path.join(fresh(), 'm'), path.join(fresh(), 'm')];
  writeTree(one, { b: Buffer.from('1'), a: { c: Buffer.from('2') } });
  await new Promise(resolve => setTimeout(resolve, 1100));
  writeTree(two, { a: { c: Buffer.from('2') }, b: Buffer.from('1') });
  expect(readFileSync(await packTo(one))).toEqual(
    readFileSync(await packTo(two)),
  );
});

it.each([
  ['an absolute name', [{ name: '/tmp/evil' }], 'illegal name'],
  ['a name that climbs', [{ name: 'a/../../evil' }], 'illegal name'],
  [
    'an absolute link',
    [{ name: 'a/l', type: 'link' as const, target: '/etc' }],
    'illegal symlink',
  ],
  [
    'a link that climbs out',
    [{ name: 'a/l', type: 'link' as const, target: '../..' }],
    'illegal symlink',
  ],
  [
    'a link that climbs behind a name',
    [{ name: 'a/b/c/l', type: 'link' as const, target: 'x/../../..' }],
    'illegal symlink',
  ],
  [
    'a file below a link',
    [
      { name: 'a/l', type: 'link' as const, target: '.' },
      { name: 'a/l/f', text: 'x' },
    ],
    'EEXIST',
  ],
  [
    'a link below a link',
    [
      { name: 'a/l', type: 'link' as const, target: '.' },
      { name: 'a/l/m', type: 'link' as const, target: '..' },
    ],
    'in the way',
  ],
  [
    'the same file twice',
    [
      { name: 'a', text: '1' },
      { name: 'a', text: '2' },
    ],
    'EEXIST',
  ],
  [
    'a hard link',
    [{ name: 'a', flag: '1', target: '/etc/passwd' }],
    'neither a file',
  ],
  ['a device', [{ name: 'a', flag: '3' }], 'neither a file'],
  ['a pipe', [{ name: 'a', flag: '6' }], 'neither a file'],
])('refuses %s', async (_name, entries, message) => {
  const target = fresh();
  await expect(unpack(archiveOf(...entries), target, limits)).rejects.toThrow(
    message,
  );
  expect(readdirSync(folder).every(name => /^\d+$/.test(name))).toBe(true);
});

it('stops at the limits, before a bomb is unpacked', async () => {
  const bomb = archiveOf({ name: 'zeros', text: '\0'.repeat(5_000_000) });
  await expect(
    unpack(bomb, fresh(), { bytes: 1_000_000, entries: 10 }),
  ).rejects.toThrow('more than 1000000 bytes');
  const many = archiveOf(
    ...Array.from({ length: 20 }, (_, index) => ({ name: `f${index}` })),
  );
  await expect(
    unpack(many, fresh(), { bytes: 1000, entries: 10 }),
  ).rejects.toThrow('more than 10 files');
});

it('ends with an error or a tree in its folder, whatever bytes it is given', async () => {
  const good = gunzipSync(
    readFileSync(
      archiveOf(
        { name: 'a/b', text: 'hello' },
        { name: 'a/l', type: 'link', target: 'b' },
        { name: 'n'.repeat(150), text: 'long' },
      ),
    ),
  );
  const before = new Set(readdirSync(folder));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), {
        minLength: 1,
        maxLength: 8,
      }),
      fc.nat(good.length),
      async (changes, length) => {
        const bytes = Buffer.from(good.subarray(0, length));
        for (const [at, value] of changes) if (at < length) bytes[at] = value;
        const [work, target] = [fresh(), fresh()];
        before.add(path.basename(work)).add(path.basename(target));
        const file = path.join(work, 'x.tgz');
        writeFileSync(file, gzipSync(bytes));
        await isTarGzip(file);
        const fault = await unpack(file, target, limits).then(
          () => new Error('none'),
          error => error,
        );
        expect(fault).toBeInstanceOf(Error);
      },
    ),
    { numRuns: 100 },
  );
  expect(readdirSync(folder).filter(name => !before.has(name))).toEqual([]);
});

it('tells an archive from other bytes', async () => {
  const place = fresh();
  const file = (name: string, bytes: Buffer) => {
    writeFileSync(path.join(place, name), bytes);
    return path.join(place, name);
  };
  expect(await isTarGzip(file('text', Buffer.from('hello')))).toBe(false);
  expect(await isTarGzip(file('empty', Buffer.alloc(0)))).toBe(false);
  expect(await isTarGzip(file('gzip', gzipSync('not a tar')))).toBe(false);
  expect(
    await isTarGzip(file('cut', gzipSync(Buffer.alloc(2000)).subarray(0, 15))),
  ).toBe(false);
});

it('lists no tree with a device, a link that leaves, or more than allowed', async () => {
  const place = path.join(fresh(), 't');
  writeTree(place, { a: Buffer.from('12345'), b: { c: Buffer.from('1') } });
  await expect(listTree(place, { bytes: 5, entries: 100 })).rejects.toThrow(
    'larger than 5 bytes',
  );
  await expect(listTree(place, { bytes: 100, entries: 3 })).rejects.toThrow(
    'more than 3 files',
  );
  symlinkSync('../../x', path.join(place, 'b', 'l'));
  await expect(listTree(place, limits)).rejects.toThrow(
    "illegal symlink target '../../x' of 't/b/l'",
  );
  await rm(path.join(place, 'b', 'l'));
  execFileSync('mkfifo', [path.join(place, 'pipe')]);
  await expect(listTree(place, limits)).rejects.toThrow(
    "'t/pipe' is neither a file nor a folder",
  );
});
