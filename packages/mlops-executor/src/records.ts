/* Small JSON files that caller and executor share. They appear whole or not at all. */
import { open, readFile, rename } from 'node:fs/promises';

let count = 0;

/** Content of a record; undefined when it is not there or not whole. */
export async function readRecord<T>(file: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as T;
  } catch {
    return undefined;
  }
}

/**
 * Writes a record whole, readable by its owner alone. With `durable` it survives a crash of the machine; what only tells of a
 * living process need not.
 */
export async function writeRecord(
  file: string,
  value: unknown,
  { durable = false } = {},
): Promise<void> {
  // Two callers may write the same record at the same time.
  const part = `${file}.part-${process.pid}-${count++}`;
  const handle = await open(part, 'w', 0o600);
  try {
    await handle.writeFile(JSON.stringify(value));
    if (durable) await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(part, file);
}
