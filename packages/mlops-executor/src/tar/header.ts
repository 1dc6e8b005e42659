/*
 * Blocks of a tar archive (POSIX.1-2001: ustar with pax records where ustar's fields are too short). The subset that folders of
 * files need: files, folders, symbolic links.
 */

/** Size of a block in bytes. */
export const blockBytes = 512;

/** One entry of an archive. */
export interface TarEntry {
  /** Path with slashes, without a slash at the end. */
  name: string;
  type: 'file' | 'folder' | 'link';
  /** Permission bits. */
  mode: number;
  sizeBytes: number;
  /** Where a link leads, as written. */
  target?: string;
}

const typeFlags = { file: '0', link: '2', folder: '5' } as const;

/** Blocks that stand before an entry's bytes. */
export function toHeader(entry: TarEntry): Buffer {
  const { target = '' } = entry;
  const name = entry.type === 'folder' ? `${entry.name}/` : entry.name;
  const records = [
    ...(Buffer.byteLength(name) > 100 ? [paxRecord('path', name)] : []),
    ...(Buffer.byteLength(target) > 100 ? [paxRecord('linkpath', target)] : []),
  ];
  const own = ustar(name, typeFlags[entry.type], entry);
  if (records.length === 0) return own;
  const body = Buffer.concat(records);
  const pax = ustar('pax', 'x', {
    mode: 0o644,
    sizeBytes: body.length,
    target: '',
  });
  return Buffer.concat([pax, body, padding(body.length), own]);
}

/** Zeros that fill up the last block of that many bytes. */
export function padding(sizeBytes: number): Buffer {
  return Buffer.alloc((blockBytes - (sizeBytes % blockBytes)) % blockBytes);
}

function ustar(
  name: string,
  typeFlag: string,
  {
    mode,
    sizeBytes,
    target = '',
  }: Pick<TarEntry, 'mode' | 'sizeBytes' | 'target'>,
): Buffer {
  if (sizeBytes >= 8 ** 11)
    throw new Error(`'${name}' is larger than an archive entry may be`);
  const block = Buffer.alloc(blockBytes);
  const octal = (value: number, at: number, length: number) =>
    block.write(value.toString(8).padStart(length - 1, '0'), at, 'latin1');
  Buffer.from(name).copy(block, 0, 0, 100);
  octal(mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(sizeBytes, 124, 12);
  // No time of change: equal trees give equal archives.
  octal(0, 136, 12);
  block.write(typeFlag, 156, 'latin1');
  Buffer.from(target).copy(block, 157, 0, 100);
  block.write('ustar\u000000', 257, 'latin1');
  block.write(
    `${checksum(block).toString(8).padStart(6, '0')}\0 `,
    148,
    'latin1',
  );
  return block;
}

// "<length> <key>=<value>\n", where the length counts its own digits.
function paxRecord(key: string, value: string): Buffer {
  const rest = ` ${key}=${value}\n`;
  let length = Buffer.byteLength(rest);
  while (Buffer.byteLength(`${length}${rest}`) !== length)
    length = Buffer.byteLength(`${length}${rest}`);
  return Buffer.from(`${length}${rest}`);
}

/** Sum of a header's bytes, its own checksum field counted as spaces. */
function checksum(block: Buffer): number {
  let sum = 8 * 32;
  for (let at = 0; at < blockBytes; at++)
    if (at < 148 || at >= 156) sum += block[at];
  return sum;
}

/** Whether a block is the header of an entry. */
export function isHeader(block: Buffer): boolean {
  return (
    block.length === blockBytes &&
    block[0] !== 0 &&
    readOctal(block, 148, 8) === checksum(block)
  );
}

/** Raw fields of a header. */
export function readHeader(block: Buffer): {
  name: string;
  typeFlag: string;
  mode: number;
  sizeBytes: number;
  target: string;
} {
  if (!isHeader(block)) throw new Error('the archive is damaged');
  const hasPrefix = block.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = hasPrefix ? readText(block, 345, 155) : '';
  const name = readText(block, 0, 100);
  return {
    name: prefix ? `${prefix}/${name}` : name,
    typeFlag: block.toString('latin1', 156, 157),
    mode: (readOctal(block, 100, 8) ?? 0o644) & 0o777,
    sizeBytes: readSize(block),
    target: readText(block, 157, 100),
  };
}

// GNU writes sizes above 8 GiB in base 256; such an archive is refused as any other that is not octal.
function readSize(block: Buffer): number {
  const size = readOctal(block, 124, 12);
  if (size === undefined) throw new Error('the archive is damaged');
  return size;
}

function readText(block: Buffer, at: number, length: number): string {
  const field = block.subarray(at, at + length);
  const end = field.indexOf(0);
  return field.subarray(0, end < 0 ? length : end).toString('utf8');
}

function readOctal(
  block: Buffer,
  at: number,
  length: number,
): number | undefined {
  const text = block
    .toString('latin1', at, at + length)
    .replace(/[\0 ]+$/, '')
    .trim();
  return /^[0-7]+$/.test(text) ? parseInt(text, 8) : undefined;
}

/** Keys and values of a pax header's body. */
export function readPax(body: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  let at = 0;
  while (at < body.length) {
    const space = body.indexOf(32, at);
    const length = Number(body.toString('latin1', at, Math.max(at, space)));
    if (
      space < 0 ||
      !Number.isInteger(length) ||
      length <= space - at ||
      at + length > body.length
    )
      throw new Error('the archive is damaged');
    const record = body.toString('utf8', space + 1, at + length - 1);
    const equals = record.indexOf('=');
    if (equals > 0)
      records.set(record.slice(0, equals), record.slice(equals + 1));
    at += length;
  }
  return records;
}
