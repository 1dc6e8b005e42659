/*
 * Bytes in files, addressed by sha256; which key stands for which digest is in the database. A put writes to a temporary file,
 * syncs, renames to its digest, and only then records the key: a crash leaves an unused blob, never half a file.
 */
import {
  ConflictError,
  InputError,
  NotFoundError,
  type ArtifactStore,
} from '@backstage-mlops/mlops-core';
import type { Knex } from 'knex';
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import {
  mkdir,
  open,
  readdir,
  rename,
  rm,
  stat,
  utimes,
} from 'node:fs/promises';
import path from 'node:path';

const keyPattern = /^(?!.*(?:^|\/)\.{1,2}(?:\/|$))[^/\\\0][^\\\0]{0,999}$/;

/** ArtifactStore on this machine's disk. @public */
export class FileArtifactStore implements ArtifactStore {
  constructor(
    private readonly folder: string,
    private readonly knex: Knex,
    /** Told between the two writes of a put: bytes that are there, a key that is not yet. */
    private readonly onBytes: () => void = () => {},
  ) {}

  async put(
    key: string,
    body: AsyncIterable<Uint8Array> | Uint8Array,
    options: { replace?: boolean; limitBytes?: number } = {},
  ) {
    checkKey(key);
    const { file, digest, sizeBytes } = await this.write(
      key,
      body,
      options.limitBytes,
    );
    const blob = this.blob(digest);
    await mkdir(path.dirname(blob), { recursive: true });
    // Bytes that are there already count as new, so that no sweep takes them before their key is recorded.
    if (await touched(blob)) await rm(file);
    else await rename(file, blob);
    this.onBytes();
    await this.record(key, digest, sizeBytes, options.replace ?? false);
    return { digest, sizeBytes };
  }

  private async write(
    key: string,
    body: AsyncIterable<Uint8Array> | Uint8Array,
    limitBytes = Infinity,
  ) {
    const folder = path.join(this.folder, 'incoming');
    await mkdir(folder, { recursive: true });
    const file = path.join(folder, randomUUID());
    const handle = await open(file, 'wx', 0o600);
    const hash = createHash('sha256');
    let sizeBytes = 0;
    try {
      for await (const chunk of body instanceof Uint8Array ? [body] : body) {
        sizeBytes += chunk.length;
        if (sizeBytes > limitBytes)
          throw new InputError(
            `The artifact '${key}' is larger than ${limitBytes} bytes.`,
            'too-large',
          );
        hash.update(chunk);
        await handle.write(chunk);
      }
      await handle.sync();
    } catch (error) {
      await handle.close();
      await rm(file, { force: true });
      throw error;
    }
    await handle.close();
    return { file, digest: `sha256:${hash.digest('hex')}`, sizeBytes };
  }

  private async record(
    key: string,
    digest: string,
    sizeBytes: number,
    replace: boolean,
  ): Promise<void> {
    const row = { key, digest, size_bytes: sizeBytes };
    const insert = this.knex('tracking_artifacts')
      .insert(row)
      .onConflict('key');
    if (replace) {
      await insert.merge();
      return;
    }
    await insert.ignore();
    const kept = await this.stat(key);
    if (kept?.digest !== digest)
      throw new ConflictError(
        `The artifact '${key}' exists with other bytes.`,
        'conflict',
      );
  }

  async get(
    key: string,
    options: { range?: { start: number; end: number } } = {},
  ) {
    const found = await this.stat(key);
    if (!found)
      throw new NotFoundError(`There is no artifact '${key}'.`, 'not-found');
    const body = createReadStream(this.blob(found.digest), options.range);
    return { body: body as AsyncIterable<Uint8Array>, ...found };
  }

  async stat(key: string) {
    checkKey(key);
    const row = await this.knex('tracking_artifacts').where({ key }).first();
    return (
      row && { digest: row.digest as string, sizeBytes: Number(row.size_bytes) }
    );
  }

  async list(prefix: string, options: { limit?: number } = {}) {
    checkKey(prefix);
    // '0' is the character after '/': all keys below the prefix, by the primary key alone.
    const rows = await this.knex('tracking_artifacts')
      .where('key', '>', `${prefix}/`)
      .andWhere('key', '<', `${prefix}0`)
      .orderBy('key')
      .limit(options.limit ?? 10_000);
    return rows.map(row => ({
      key: row.key as string,
      sizeBytes: Number(row.size_bytes),
      digest: row.digest as string,
    }));
  }

  async sizes(prefix: string) {
    checkKey(prefix);
    const from = prefix.length + 2;
    const below = this.knex('tracking_artifacts')
      .where('key', '>', `${prefix}/`)
      .andWhere('key', '<', `${prefix}0`);
    const segment =
      this.knex.client.config.client === 'pg'
        ? `split_part(substr(key, ${from}), '/', 1)`
        : `substr(key, ${from}, instr(substr(key, ${from}) || '/', '/') - 1)`;
    const rows: { segment: string; size: unknown }[] = await below
      .select(this.knex.raw(`${segment} as segment`))
      .sum({ size: 'size_bytes' })
      .groupByRaw(segment);
    return rows.map(row => ({
      segment: row.segment,
      sizeBytes: Number(row.size),
    }));
  }

  async sweep(): Promise<number> {
    const root = path.join(this.folder, 'sha256');
    const latest = Date.now() - unnamedForMs;
    let removed = await this.sweepIncoming(latest);
    for (const part of await names(root))
      for (const hex of await names(path.join(root, part))) {
        const file = path.join(root, part, hex);
        const { mtimeMs } = await stat(file);
        if (mtimeMs > latest) continue;
        const named = await this.knex('tracking_artifacts')
          .where({ digest: `sha256:${hex}` })
          .first('key');
        if (named) continue;
        await rm(file, { force: true });
        removed += 1;
      }
    return removed;
  }

  // What a portal that was killed had received in part.
  private async sweepIncoming(latest: number): Promise<number> {
    const folder = path.join(this.folder, 'incoming');
    let removed = 0;
    for (const name of await names(folder)) {
      const file = path.join(folder, name);
      const found = await stat(file).catch(() => undefined);
      if (!found || found.mtimeMs > latest) continue;
      await rm(file, { force: true });
      removed += 1;
    }
    return removed;
  }

  async delete(prefix: string): Promise<void> {
    checkKey(prefix);
    await this.knex('tracking_artifacts')
      .where('key', '>', `${prefix}/`)
      .andWhere('key', '<', `${prefix}0`)
      .delete();
  }

  private blob(digest: string): string {
    const hex = digest.slice('sha256:'.length);
    return path.join(this.folder, 'sha256', hex.slice(0, 2), hex);
  }
}

function checkKey(key: string): void {
  if (!keyPattern.test(key) || key.includes('//') || key.endsWith('/'))
    throw new InputError(
      `'${key.slice(0, 100)}' is not a key of an artifact.`,
      'invalid-field',
    );
}

/** How old bytes without a key are before a sweep takes them. */
const unnamedForMs = 60 * 60 * 1000;

const names = (folder: string) => readdir(folder).catch(() => [] as string[]);

function touched(file: string): Promise<boolean> {
  const now = new Date();
  return utimes(file, now, now).then(
    () => true,
    () => false,
  );
}
