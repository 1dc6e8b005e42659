/* ArtifactStore on an S3 bucket; also reads what Argo's own executors wrote there. */
import type {
  GetObjectCommandOutput,
  S3Client,
  S3ClientConfig,
} from '@aws-sdk/client-s3';
import {
  ConflictError,
  NotFoundError,
  type ArtifactStore,
} from '@backstage-mlops/mlops-core';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

export interface S3ArtifactStoreOptions {
  bucket: string;
  /** Before every key of ours, as `mlops/`. */
  keyPrefix?: string;
  client: S3ClientConfig;
}

const digestKey = 'digest';

export class S3ArtifactStore implements ArtifactStore {
  private made?: Promise<{
    s3: S3Client;
    sdk: typeof import('@aws-sdk/client-s3');
  }>;

  constructor(private readonly options: S3ArtifactStoreOptions) {}

  async put(
    key: string,
    body: AsyncIterable<Uint8Array> | Uint8Array,
    {
      replace = false,
      limitBytes = Infinity,
    }: { replace?: boolean; limitBytes?: number } = {},
  ): Promise<{ digest: string; sizeBytes: number }> {
    // The digest goes along as metadata, so it must be known before the first byte is sent.
    const folder = await mkdtemp(path.join(os.tmpdir(), 'mlops-s3-'));
    try {
      const file = path.join(folder, 'bytes');
      const written = await spool(file, body, limitBytes);
      const known = replace ? undefined : await this.stat(key);
      if (known && known.digest !== written.digest)
        throw new ConflictError(
          `There are other bytes under '${key}' already.`,
          'conflict',
        );
      if (known) return written;
      const { s3, sdk } = await this.client();
      await s3.send(
        new sdk.PutObjectCommand({
          Bucket: this.options.bucket,
          Key: this.full(key),
          Body: createReadStream(file),
          ContentLength: written.sizeBytes,
          Metadata: { [digestKey]: written.digest },
        }),
      );
      return written;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async get(
    key: string,
    { range }: { range?: { start: number; end: number } } = {},
  ): Promise<{
    body: AsyncIterable<Uint8Array>;
    sizeBytes: number;
    digest: string;
  }> {
    const { s3, sdk } = await this.client();
    let answer: GetObjectCommandOutput;
    try {
      answer = await s3.send(
        new sdk.GetObjectCommand({
          Bucket: this.options.bucket,
          Key: this.full(key),
          ...(range ? { Range: `bytes=${range.start}-${range.end}` } : {}),
        }),
      );
    } catch (error) {
      throw toFault(error, key);
    }
    const total = answer.ContentRange?.split('/')[1];
    return {
      body: answer.Body as unknown as AsyncIterable<Uint8Array>,
      sizeBytes: Number(total ?? answer.ContentLength ?? 0),
      digest: answer.Metadata?.[digestKey] ?? '',
    };
  }

  async stat(
    key: string,
  ): Promise<{ digest: string; sizeBytes: number } | undefined> {
    const { s3, sdk } = await this.client();
    try {
      const answer = await s3.send(
        new sdk.HeadObjectCommand({
          Bucket: this.options.bucket,
          Key: this.full(key),
        }),
      );
      return {
        digest: answer.Metadata?.[digestKey] ?? '',
        sizeBytes: answer.ContentLength ?? 0,
      };
    } catch (error) {
      const fault = toFault(error, key);
      if (fault instanceof NotFoundError) return undefined;
      throw fault;
    }
  }

  async list(
    prefix: string,
    { limit = 10_000 }: { limit?: number } = {},
  ): Promise<{ key: string; sizeBytes: number; digest: string }[]> {
    const found: { key: string; sizeBytes: number; digest: string }[] = [];
    for await (const { key, sizeBytes } of this.below(prefix)) {
      found.push({
        key,
        sizeBytes,
        digest: (await this.stat(key))?.digest ?? '',
      });
      if (found.length >= limit) break;
    }
    return found.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  async sizes(
    prefix: string,
  ): Promise<{ segment: string; sizeBytes: number }[]> {
    const sizes = new Map<string, number>();
    for await (const { key, sizeBytes } of this.below(prefix)) {
      const [segment] = key.slice(prefix.length + 1).split('/');
      sizes.set(segment, (sizes.get(segment) ?? 0) + sizeBytes);
    }
    return [...sizes].map(([segment, sizeBytes]) => ({ segment, sizeBytes }));
  }

  async delete(prefix: string): Promise<void> {
    const { s3, sdk } = await this.client();
    const { bucket: Bucket } = this.options;
    const remove = async (key: string) => {
      try {
        await s3.send(
          new sdk.DeleteObjectCommand({ Bucket, Key: this.full(key) }),
        );
      } catch (error) {
        if (statusOf(error) !== 403) throw error;
        throw new ConflictError(
          `The bucket '${Bucket}' does not let the portal delete '${key}'.`,
          'conflict',
          { cause: error },
        );
      }
    };
    const keys: string[] = [];
    for await (const { key } of this.below(prefix)) keys.push(key);
    for (const key of keys) await remove(key);
    if (await this.stat(prefix)) await remove(prefix);
  }

  // Every key has bytes of its own here.
  async sweep(): Promise<number> {
    return 0;
  }

  private full(key: string): string {
    return `${this.options.keyPrefix ?? ''}${key}`;
  }

  private async *below(
    prefix: string,
  ): AsyncGenerator<{ key: string; sizeBytes: number }> {
    const { s3, sdk } = await this.client();
    let from: string | undefined;
    do {
      const page = await s3.send(
        new sdk.ListObjectsV2Command({
          Bucket: this.options.bucket,
          Prefix: `${this.full(prefix)}/`,
          ContinuationToken: from,
        }),
      );
      for (const { Key, Size } of page.Contents ?? [])
        yield {
          key: Key!.slice(this.full('').length),
          sizeBytes: Size ?? 0,
        };
      from = page.NextContinuationToken;
    } while (from);
  }

  // The client weighs much; a portal without a bucket never loads it.
  private client() {
    this.made ??= import('@aws-sdk/client-s3').then(sdk => ({
      sdk,
      s3: new sdk.S3Client(this.options.client),
    }));
    return this.made;
  }
}

async function spool(
  file: string,
  body: AsyncIterable<Uint8Array> | Uint8Array,
  limitBytes: number,
): Promise<{ digest: string; sizeBytes: number }> {
  const hash = createHash('sha256');
  const handle = await open(file, 'wx', 0o600);
  let sizeBytes = 0;
  try {
    for await (const piece of body instanceof Uint8Array ? [body] : body) {
      sizeBytes += piece.length;
      if (sizeBytes > limitBytes)
        throw new ConflictError(
          `An artifact has more than ${limitBytes} bytes.`,
          'too-large',
        );
      hash.update(piece);
      await handle.write(piece);
    }
  } finally {
    await handle.close();
  }
  return { digest: `sha256:${hash.digest('hex')}`, sizeBytes };
}

const statusOf = (error: unknown) =>
  (error as { $metadata?: { httpStatusCode?: number } }).$metadata
    ?.httpStatusCode;

function toFault(error: unknown, key: string): Error {
  return statusOf(error) === 404
    ? new NotFoundError(`There are no bytes under '${key}'.`, 'not-found')
    : (error as Error);
}
