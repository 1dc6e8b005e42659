/* Lays out the input artifacts of a step at their declared paths. */
import type { Artifact } from '@backstage-mlops/argo-engine';
import { createWriteStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { insidePath } from './insidePath';
import type { LocalStepRunnerOptions } from './LocalStepRunner';
import { unpack } from './tar';

/** An input that could not be loaded. */
export class StagingFault extends Error {}

/** Puts every input artifact of a template in its place. */
export async function stageInputs(directory: string, template: Record<string, any>, sources: Pick<LocalStepRunnerOptions, 'artifacts' | 'fetchGit'>): Promise<void> {
  for (const artifact of (template.inputs?.artifacts ?? []) as Artifact[]) {
    if (!artifact.path) continue;
    try {
      await stage(directory, artifact, sources);
    } catch (error) {
      throw new StagingFault(`artifact ${artifact.name} failed to load: ${(error as Error).message}`);
    }
  }
}

async function stage(directory: string, artifact: Artifact, { artifacts, fetchGit }: Pick<LocalStepRunnerOptions, 'artifacts' | 'fetchGit'>): Promise<void> {
  const target = insidePath(directory, artifact.path!);
  await mkdir(path.dirname(target), { recursive: true });
  if (artifact.raw) return writeFile(target, artifact.raw.data);
  if (artifact.git) return fetchGit(artifact.git.repo, artifact.git.revision, target);
  const key = artifact.s3?.key;
  if (!key) throw new Error('it has no source');
  if (key.endsWith('.tgz')) return stageArchive(directory, key, target, artifacts);
  return stageFiles(key, target, artifacts);
}

// An archive holds one entry, the artifact; it gets the name of its new place.
async function stageArchive(directory: string, key: string, target: string, artifacts: LocalStepRunnerOptions['artifacts']): Promise<void> {
  const folder = await mkdtemp(path.join(directory, 'unpack-'));
  try {
    const { body } = await artifacts.get(key);
    await unpack(body, folder);
    const [entry] = await readdir(folder);
    if (entry === undefined) throw new Error('the archive is empty');
    await rename(path.join(folder, entry), target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function stageFiles(key: string, target: string, artifacts: LocalStepRunnerOptions['artifacts']): Promise<void> {
  const files = await artifacts.list(key);
  if (files.length === 0) return copy(key, target, artifacts);
  for (const file of files) await copy(file.key, path.join(target, file.key.slice(key.length + 1)), artifacts);
  return undefined;
}

async function copy(key: string, target: string, artifacts: LocalStepRunnerOptions['artifacts']): Promise<void> {
  await mkdir(path.dirname(target), { recursive: true });
  const { body } = await artifacts.get(key);
  await pipeline(Readable.from(body), createWriteStream(target));
}

/** Writes a file inside a step that everybody there may read and run. */
export async function writeFileInside(directory: string, inside: string, text: string): Promise<void> {
  const host = insidePath(directory, inside);
  await mkdir(path.dirname(host), { recursive: true });
  await writeFile(host, text);
  await chmod(host, 0o755);
}
