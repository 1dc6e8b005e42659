import { execFileSync, spawnSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { findInside, insidePath, makeParents } from './insidePath';

let folder: string;
let count = 0;
beforeAll(async () => {
  folder = await realpath(
    await mkdtemp(path.join(os.tmpdir(), 'executor-inside-')),
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function step(): { directory: string; root: string } {
  const directory = path.join(folder, String(count++));
  const root = path.join(directory, 'fs');
  mkdirSync(root, { recursive: true });
  return { directory, root };
}

it.each(['tmp/x', '', '../x', '/a\0b'])(
  'refuses %j, which is no absolute path',
  async inside => {
    expect(() => insidePath('/attempt', inside)).toThrow(
      'not an absolute path',
    );
    await expect(findInside('/attempt', inside)).rejects.toThrow(
      'not an absolute path',
    );
  },
);

it('keeps every path below the root of the step', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('..', '.', 'a', '', 'b c')), names => {
      const host = insidePath('/attempt', `/${names.join('/')}`);
      expect(`${host}/`.startsWith('/attempt/fs/')).toBe(true);
    }),
  );
});

it('follows links as the step would: absolute ones from its own root, climbing ones no further than it', async () => {
  const { directory, root } = step();
  mkdirSync(path.join(root, 'data/v1'), { recursive: true });
  writeFileSync(path.join(root, 'data/v1/out'), 'x');
  symlinkSync('/data/v1', path.join(root, 'absolute'));
  symlinkSync('../../../../data', path.join(root, 'climbing'));
  symlinkSync(path.join(root, 'data'), path.join(root, 'host'));
  symlinkSync('loop', path.join(root, 'loop'));
  symlinkSync('/etc/passwd', path.join(root, 'outside'));
  const out = path.join(root, 'data/v1/out');
  expect(await findInside(directory, '/absolute/out')).toBe(out);
  expect(await findInside(directory, '/climbing/v1/out')).toBe(out);
  expect(await findInside(directory, '/host/v1/out')).toBe(out);
  expect(await findInside(directory, '/loop/out')).toBeUndefined();
  for (const beyond of ['.', '..', '../out', 'x'])
    expect(
      await findInside(directory, `/data/v1/out/${beyond}`),
    ).toBeUndefined();
  expect(
    await findInside(directory, '/outside', { follow: true }),
  ).toBeUndefined();
  expect(await findInside(directory, '/outside')).toBe(
    path.join(root, 'outside'),
  );
});

// The kernel's own answer, by chroot, which only root may do.
if (process.getuid?.() === 0) {
  it('reads any tree of links as the kernel does below a changed root', async () => {
    const { directory, root } = step();
    mkdirSync(path.join(root, 'a/b'), { recursive: true });
    writeFileSync(path.join(root, 'a/b/f'), 'found');
    const part = fc.constantFrom('a', 'b', 'f', '..', '.', 'l0', 'l1', 'l2');
    const text = fc
      .tuple(fc.boolean(), fc.array(part, { minLength: 1, maxLength: 4 }))
      .map(([absolute, parts]) => (absolute ? '/' : '') + parts.join('/'));
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(text, text, text),
        fc.array(part, { minLength: 1, maxLength: 5 }),
        async (targets, parts) => {
          targets.forEach((target, index) => {
            const link = path.join(root, index === 1 ? 'a/l1' : `l${index}`);
            execFileSync('ln', ['-sfn', target, link]);
          });
          const inside = `/${parts.join('/')}`;
          const found = await findInside(directory, inside, { follow: true });
          const read =
            found && lstatSync(found).isFile()
              ? readFileSync(found, 'utf8')
              : '';
          expect(read).toBe(readInRoot(root, inside));
        },
      ),
      { numRuns: 60 },
    );
  }, 60_000);
}

function readInRoot(root: string, inside: string): string {
  const perl =
    'chroot $ARGV[0] or die; chdir "/"; if (-f $ARGV[1] && open(F, "<", $ARGV[1])) { print <F> }';
  return spawnSync('perl', ['-e', perl, root, inside], { encoding: 'utf8' })
    .stdout;
}

it('makes folders below the root, and none through a link', async () => {
  const { directory, root } = step();
  const outside = path.join(folder, 'outside');
  mkdirSync(outside);
  symlinkSync(outside, path.join(root, 'way'));
  expect(await makeParents(directory, '/x/y/z.txt')).toBe(
    path.join(root, 'x/y/z.txt'),
  );
  expect(lstatSync(path.join(root, 'x/y')).isDirectory()).toBe(true);
  await expect(makeParents(directory, '/way/in/file')).rejects.toThrow(
    'a file or a link is in the way',
  );
  expect(() => lstatSync(path.join(outside, 'in'))).toThrow('ENOENT');
});
