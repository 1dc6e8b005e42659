/** JSON files above this size are never read into memory: 4 MiB. */
export const maxJsonBytes = 4 * 1024 * 1024;

/** What a body holds as JSON; undefined when it is none. */
export async function readJson<T>(
  body: AsyncIterable<Uint8Array>,
): Promise<T | undefined> {
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return parseJson<T>(Buffer.concat(parts).toString('utf8'));
}

/** Value of a JSON text; undefined when it is none. */
export function parseJson<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}
