/* Takes what a step left: parameters out of files, artifacts into the store. */
import type {
  Artifact,
  Outputs,
  Parameter,
} from '@backstage-mlops/argo-engine';
import { createReadStream } from 'node:fs';
import { lstat, readFile } from 'node:fs/promises';
import path from 'node:path';
import { findInside } from './insidePath';
import type { ArtifactBytes } from './StepAttempt';
import { listTree, pack, type TreeLimits } from './tar/pack';
import type { LeafTemplate } from './template';
import { packZip } from './zip/zip';

const parameterLimit = 256 * 1024;

/** Where outputs go, and how large they may be. */
export interface OutputTargets {
  /** Key below which artifacts are stored. */
  prefix: string;
  artifacts: ArtifactBytes;
  limits: TreeLimits;
}

/** Outputs, and the first thing that was wrong with them. */
export interface CollectedOutputs {
  outputs: Outputs;
  fault?: string;
}

/** Collects all outputs; the first fault is told, the others are collected all the same. */
export async function collectOutputs(
  directory: string,
  template: LeafTemplate,
  targets: OutputTargets,
): Promise<CollectedOutputs> {
  const outputs: Outputs = {};
  const faults: string[] = [];
  for (const parameter of template.outputs?.parameters ?? []) {
    try {
      const value = await parameterValue(directory, parameter);
      if (value === undefined) continue;
      (outputs.parameters ??= []).push({ name: parameter.name, value });
    } catch (error) {
      faults.push((error as Error).message);
    }
  }
  for (const artifact of template.outputs?.artifacts ?? []) {
    try {
      const stored = await store(directory, artifact, targets);
      if (stored) (outputs.artifacts ??= []).push(stored);
    } catch (error) {
      const { message } = error as Error;
      faults.push(
        error instanceof MissingArtifact
          ? message
          : `failed to save outputs: artifact ${artifact.name}: ${message}`,
      );
    }
  }
  // Where the step's folder lies on the host is nobody's business.
  const fault = faults[0]?.replaceAll(path.join(directory, 'fs'), '');
  return { outputs, fault };
}

// The executor of Argo finds outputs of the main container mirrored below this folder, so its message names it.
const mirror = '/var/run/argo/outputs/parameters';
const artifactMirror = '/var/run/argo/outputs/artifacts';

class MissingArtifact extends Error {
  constructor(inside: string, isPlain: boolean) {
    const file = path.posix.join(artifactMirror, inside);
    super(`open ${file}${isPlain ? '' : '.tgz'}: no such file or directory; `);
  }
}

async function parameterValue(
  directory: string,
  { name, valueFrom }: Parameter,
): Promise<string | undefined> {
  const inside = valueFrom?.path;
  if (inside === undefined) return undefined;
  const host = await findInside(directory, inside, { follow: true });
  const stat = host === undefined ? undefined : await lstat(host);
  if (!host || !stat?.isFile()) {
    if (valueFrom?.default !== undefined) return String(valueFrom.default);
    const place = path.posix.join(mirror, inside);
    if (stat?.isDirectory()) throw new Error(`read ${place}: is a directory`);
    throw new Error(`open ${place}: no such file or directory`);
  }
  if (stat.size > parameterLimit)
    throw new Error(
      `output parameter ${name} has ${stat.size} bytes; at most ${parameterLimit} are taken`,
    );
  const text = await readFile(host, 'utf8');
  return text.endsWith('\n') ? text.slice(0, -1) : text;
}

async function store(
  directory: string,
  { name, path: inside, archive, optional }: Artifact,
  { prefix, artifacts, limits }: OutputTargets,
): Promise<Artifact | undefined> {
  const host = await findInside(directory, inside!);
  if (!host) {
    if (optional) return undefined;
    throw new MissingArtifact(inside!, archive?.none !== undefined);
  }
  const kept = { name, path: inside, ...(archive ? { archive } : {}) };
  if (archive?.none) {
    const key = `${prefix}/${name}`;
    await storeFiles(host, key, { artifacts, limits });
    return { ...kept, s3: { key } };
  }
  if (archive?.zip) {
    const key = `${prefix}/${name}.zip`;
    await artifacts.put(key, await packZip(host, limits), { replace: true });
    return { ...kept, s3: { key } };
  }
  const key = `${prefix}/${name}.tgz`;
  // Looked at before a byte is stored, so that a tree that may not be stored leaves nothing behind.
  await listTree(host, limits);
  const archived = pack(host, limits, archive?.tar?.compressionLevel);
  await artifacts.put(key, archived, { replace: true });
  return { ...kept, s3: { key } };
}

// A file goes under the key, a folder as one key for each of its files.
async function storeFiles(
  host: string,
  key: string,
  { artifacts, limits }: Pick<OutputTargets, 'artifacts' | 'limits'>,
): Promise<void> {
  const entries = await listTree(host, limits);
  const link = entries.find(({ type }) => type === 'link');
  if (link)
    throw new Error(
      `'${link.name}' is a symbolic link, which needs an archive`,
    );
  const root = path.basename(host);
  for (const { name, type } of entries) {
    if (type !== 'file') continue;
    const place = name.slice(root.length);
    await artifacts.put(`${key}${place}`, createReadStream(host + place), {
      replace: true,
    });
  }
}
