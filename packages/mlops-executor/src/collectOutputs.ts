/* Takes what a step left: parameters out of files, artifacts into the store. */
import type { Artifact, Outputs } from '@backstage-mlops/argo-engine';
import { createReadStream } from 'node:fs';
import { lstat, open, readdir } from 'node:fs/promises';
import path from 'node:path';
import { findInside } from './insidePath';
import type { ArtifactBytes } from './LocalStepRunner';
import { measureTree, pack } from './tar';

const parameterLimit = 256 * 1024;
const defaultArtifactLimit = 2 * 1024 * 1024 * 1024;

interface CollectOptions {
  prefix: string;
  artifacts: ArtifactBytes;
  limitBytes?: number;
}

/** Collects all outputs; the first fault is told, the others are collected all the same. */
export async function collectOutputs(directory: string, template: Record<string, any>, options: CollectOptions): Promise<{ outputs: Outputs; fault?: string }> {
  const outputs: Outputs = {};
  let fault: string | undefined;
  for (const parameter of template.outputs?.parameters ?? []) {
    const taken = await parameterValue(directory, parameter);
    if ('value' in taken) (outputs.parameters ??= []).push({ name: parameter.name, value: taken.value });
    else fault ??= taken.fault;
  }
  for (const artifact of (template.outputs?.artifacts ?? []) as Artifact[]) {
    try {
      const stored = await store(directory, artifact, options);
      if (stored) (outputs.artifacts ??= []).push(stored);
    } catch (error) {
      fault ??= `failed to save outputs: artifact ${artifact.name}: ${(error as Error).message}`;
    }
  }
  return { outputs, fault };
}

async function parameterValue(directory: string, parameter: any): Promise<{ value: string } | { fault: string }> {
  const { path: inside, default: fallback } = parameter.valueFrom ?? {};
  const host = await findInside(directory, inside).catch(() => undefined);
  const isFile = host !== undefined && (await lstat(host)).isFile();
  if (!host || !isFile) return fallback === undefined ? { fault: `open /var/run/argo/outputs/parameters/${inside.replace(/^\//, '')}: no such file or directory` } : { value: String(fallback) };
  const file = await open(host, 'r');
  try {
    const { size } = await file.stat();
    if (size > parameterLimit) return { fault: `output parameter ${parameter.name} has ${size} bytes; at most ${parameterLimit} are taken` };
    const text = await file.readFile('utf8');
    return { value: text.endsWith('\n') ? text.slice(0, -1) : text };
  } finally {
    await file.close();
  }
}

async function store(directory: string, artifact: Artifact, { prefix, artifacts, limitBytes = defaultArtifactLimit }: CollectOptions): Promise<Artifact | undefined> {
  const host = await findInside(directory, artifact.path!);
  if (!host) {
    if (artifact.optional) return undefined;
    throw new Error(`stat ${artifact.path}: no such file or directory`);
  }
  await measureTree(host, { bytes: limitBytes, entries: 100_000 });
  const kept = { name: artifact.name, path: artifact.path, ...(artifact.archive ? { archive: artifact.archive } : {}) };
  if (artifact.archive?.none === undefined) {
    const key = `${prefix}/${artifact.name}.tgz`;
    await artifacts.put(key, pack(host, artifact.archive?.tar?.compressionLevel), { replace: true });
    return { ...kept, s3: { key } };
  }
  const key = `${prefix}/${artifact.name}`;
  if ((await lstat(host)).isDirectory()) await storeFolder(host, key, artifacts);
  else await artifacts.put(key, createReadStream(host), { replace: true });
  return { ...kept, s3: { key } };
}

async function storeFolder(folder: string, key: string, artifacts: ArtifactBytes): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const inner = path.join(folder, entry.name);
    if (entry.isDirectory()) await storeFolder(inner, `${key}/${entry.name}`, artifacts);
    else if (entry.isFile()) await artifacts.put(`${key}/${entry.name}`, createReadStream(inner), { replace: true });
  }
}
