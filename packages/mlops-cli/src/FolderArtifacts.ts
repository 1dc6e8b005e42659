/* Artifacts of a run as files of a folder. Keys are made by the runner, never by a user. */
import type { ArtifactBytes } from '@backstage-mlops/mlops-executor';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, stat } from 'node:fs/promises';
import path from 'node:path';

export class FolderArtifacts implements ArtifactBytes {
  constructor(private readonly folder: string) {}

  private fileOf(key: string): string {
    const file = path.join(this.folder, key);
    if (path.relative(this.folder, file).startsWith('..'))
      throw new Error(`'${key}' is no key of an artifact`);
    return file;
  }

  async put(
    key: string,
    body: AsyncIterable<Uint8Array> | Uint8Array,
    { limitBytes = Infinity }: { limitBytes?: number } = {},
  ) {
    const file = this.fileOf(key);
    await mkdir(path.dirname(file), { recursive: true });
    const handle = await open(file, 'w', 0o600);
    const hash = createHash('sha256');
    let sizeBytes = 0;
    try {
      for await (const chunk of body instanceof Uint8Array ? [body] : body) {
        sizeBytes += chunk.length;
        if (sizeBytes > limitBytes)
          throw new Error(`'${key}' is larger than ${limitBytes} bytes`);
        hash.update(chunk);
        await handle.write(chunk);
      }
    } finally {
      await handle.close();
    }
    return { digest: `sha256:${hash.digest('hex')}`, sizeBytes };
  }

  async get(key: string) {
    const file = this.fileOf(key);
    const found = await stat(file).catch(() => undefined);
    if (!found?.isFile())
      throw Object.assign(new Error(`there is no artifact '${key}'`), {
        name: 'NotFoundError',
      });
    return {
      body: createReadStream(file) as AsyncIterable<Uint8Array>,
      sizeBytes: found.size,
    };
  }

  async list(prefix: string, { limit = 10_000 }: { limit?: number } = {}) {
    const root = this.fileOf(prefix);
    const entries = await readdir(root, {
      recursive: true,
      withFileTypes: true,
    }).catch(() => []);
    const found = await Promise.all(
      entries
        .filter(entry => entry.isFile())
        .map(async entry => {
          const file = path.join(entry.parentPath, entry.name);
          return {
            key: `${prefix}/${path.relative(root, file)}`,
            sizeBytes: (await stat(file)).size,
          };
        }),
    );
    return found.sort((a, b) => (a.key < b.key ? -1 : 1)).slice(0, limit);
  }
}
