/* Artifacts of nodes for people: a file, a listing of a folder, or a file inside an archive. */
import type { Artifact } from '@backstage-mlops/argo-engine';
import {
  NotFoundError,
  type ArtifactStore,
  type Run,
} from '@backstage-mlops/mlops-core';
import { createReadStream } from 'node:fs';
import { lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** What is under a path of an artifact. */
export type ArtifactContent =
  | {
      kind: 'file';
      name: string;
      body: AsyncIterable<Uint8Array>;
      sizeBytes: number;
      close(): Promise<void>;
    }
  | { kind: 'folder'; entries: { path: string; sizeBytes: number }[] };

type ReadableStore = Pick<ArtifactStore, 'get' | 'stat' | 'list'>;

const nothing = (what: string) =>
  new NotFoundError(
    `There is no artifact '${what.slice(0, 200)}'.`,
    'not-found',
  );
const maxUnpackedBytes = 512 * 1024 * 1024;

export class ArtifactReader {
  constructor(
    private readonly own: ArtifactStore,
    /** Where runs on a cluster have their bytes; undefined for those of this machine. */
    private readonly storeOf: (
      run: Pick<Run, 'engine'>,
    ) => ReadableStore | undefined = () => undefined,
  ) {}

  /** Opens an artifact of a node of a run; `below` is a path inside a folder or archive. */
  async open(
    run: Run,
    nodeId: string,
    name: string,
    below: string,
  ): Promise<ArtifactContent> {
    const node = run.nodes[nodeId];
    const artifact = [
      ...(node?.outputs?.artifacts ?? []),
      ...(node?.inputs?.artifacts ?? []),
    ].find(item => item.name === name);
    const key = artifact?.s3?.key;
    if (artifact?.raw && below === '') return this.raw(artifact);
    if (!artifact || !key || below.split('/').includes('..'))
      throw nothing(name);
    const store = this.storeOf(run) ?? this.own;
    return key.endsWith('.tgz') && !artifact.archive?.none
      ? this.inArchive(store, key, name, below)
      : this.plain(store, key, artifact, below);
  }

  private raw(artifact: Artifact): ArtifactContent {
    const bytes = Buffer.from(artifact.raw!.data);
    return {
      kind: 'file',
      name: `${artifact.name}.txt`,
      body: Readable.from([bytes]),
      sizeBytes: bytes.length,
      close: async () => {},
    };
  }

  private async plain(
    store: ReadableStore,
    key: string,
    artifact: Artifact,
    below: string,
  ): Promise<ArtifactContent> {
    const full = below === '' ? key : `${key}/${below}`;
    const stat = await store.stat(full).catch(() => undefined);
    if (stat) {
      const { body } = await store.get(full);
      return {
        kind: 'file',
        name: path.basename(below || artifact.path || artifact.name),
        body,
        sizeBytes: stat.sizeBytes,
        close: async () => {},
      };
    }
    const entries = (await store.list(full)).map(item => ({
      path: item.key.slice(key.length + 1),
      sizeBytes: item.sizeBytes,
    }));
    if (entries.length === 0) throw nothing(`${artifact.name}/${below}`);
    return { kind: 'folder', entries };
  }

  // The archive holds one entry, the artifact itself. It is unpacked into a private folder, since tar has no index.
  private async inArchive(
    store: ReadableStore,
    key: string,
    name: string,
    below: string,
  ): Promise<ArtifactContent> {
    const { body, sizeBytes } = await store.get(key);
    if (sizeBytes > maxUnpackedBytes)
      throw nothing(`${name}: too large to look into`);
    const folder = await mkdtemp(path.join(os.tmpdir(), 'mlops-artifact-'));
    const close = () => rm(folder, { recursive: true, force: true });
    try {
      await unpack(body, folder);
      const [entry] = await readdir(folder);
      const place = path.join(
        folder,
        entry ?? '',
        ...below.split('/').filter(Boolean),
      );
      const stat = await lstat(place).catch(() => undefined);
      if (!entry || !stat) throw nothing(`${name}/${below}`);
      if (stat.isFile())
        return {
          kind: 'file',
          name: path.basename(place),
          body: createReadStream(place),
          sizeBytes: stat.size,
          close,
        };
      if (!stat.isDirectory()) throw nothing(`${name}/${below}`);
      const entries = await filesOf(place, below);
      await close();
      return { kind: 'folder', entries };
    } catch (error) {
      await close();
      throw error;
    }
  }
}

async function filesOf(
  folder: string,
  prefix: string,
): Promise<{ path: string; sizeBytes: number }[]> {
  const found: { path: string; sizeBytes: number }[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (found.length >= 2000) break;
    const full = path.join(folder, entry.name);
    const shown = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
    if (entry.isDirectory()) found.push(...(await filesOf(full, shown)));
    else if (entry.isFile())
      found.push({ path: shown, sizeBytes: (await lstat(full)).size });
  }
  return found;
}

async function unpack(
  body: AsyncIterable<Uint8Array>,
  folder: string,
): Promise<void> {
  const child = spawn(
    'tar',
    ['--extract', '--gzip', '--no-same-owner', '--directory', folder],
    { stdio: ['pipe', 'ignore', 'ignore'] },
  );
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('close', resolve);
    child.once('error', reject);
  });
  await pipeline(Readable.from(body), child.stdin).catch(() => undefined);
  if ((await ended) !== 0) throw new Error('the archive cannot be unpacked');
}
