/** One entry of a folder. */
export interface TreeEntry {
  /** `040000` is a folder, `100644` and `100755` are files, `120000` is a link, `160000` a submodule. */
  mode: string;
  oid: string;
  name: string;
}

/** Reads the bytes of a tree object. With `latin1` each byte of a name is one character, so that every name can be written again. */
export function parseTree(
  bytes: Buffer,
  names: 'utf8' | 'latin1' = 'utf8',
): TreeEntry[] {
  const entries: TreeEntry[] = [];
  let at = 0;
  while (at < bytes.length) {
    const space = bytes.indexOf(0x20, at);
    const zero = bytes.indexOf(0, space);
    if (space < 0 || zero < 0 || zero + 21 > bytes.length) break;
    entries.push({
      mode: bytes.toString('latin1', at, space).padStart(6, '0'),
      name: bytes.toString(names, space + 1, zero),
      oid: bytes.toString('hex', zero + 1, zero + 21),
    });
    at = zero + 21;
  }
  return entries;
}
