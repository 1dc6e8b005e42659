/* Bytes by key in a folder. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';

export class FolderBucket {
  private readonly folder: string;
  private readonly notes = new Map<string, string>();

  constructor(folder: string) {
    this.folder = folder;
  }

  note(key: string, text: string): void {
    this.notes.set(key, text);
  }

  noted(key: string): string {
    return this.notes.get(key) ?? '';
  }

  async put(key: string, body: AsyncIterable<Uint8Array> | Uint8Array) {
    const bytes =
      body instanceof Uint8Array ? body : await buffer(Readable.from(body));
    const file = path.join(this.folder, key);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, bytes);
    return {
      digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
      sizeBytes: bytes.length,
    };
  }

  async get(key: string) {
    const file = path.join(this.folder, key);
    const found = await stat(file).catch(() => undefined);
    if (!found?.isFile())
      throw Object.assign(new Error(`there is no '${key}'`), {
        name: 'NotFoundError',
      });
    return {
      body: createReadStream(file) as AsyncIterable<Uint8Array>,
      sizeBytes: found.size,
    };
  }

  async list(prefix: string) {
    return this.below(`${prefix}/`);
  }

  async below(prefix: string): Promise<{ key: string; sizeBytes: number }[]> {
    const entries = await readdir(this.folder, {
      recursive: true,
      withFileTypes: true,
    }).catch(() => []);
    const files = entries.filter(entry => entry.isFile());
    const found = await Promise.all(
      files.map(async entry => {
        const file = path.join(entry.parentPath, entry.name);
        return {
          key: path.relative(this.folder, file),
          sizeBytes: (await stat(file)).size,
        };
      }),
    );
    return found
      .filter(({ key }) => key.startsWith(prefix))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  async remove(key: string): Promise<void> {
    await rm(path.join(this.folder, key), { force: true });
  }
}
