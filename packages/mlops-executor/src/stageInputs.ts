/* Lays out the input artifacts of a step at their declared paths. */
import type { Artifact } from '@backstage-mlops/argo-engine';
import { createWriteStream } from 'node:fs';
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { findInside, makeFolders, makeParents } from './insidePath';
import type { LocalStepRunnerOptions } from './StepAttempt';
import type { LeafTemplate } from './template';
import { isTarGzip, unpack } from './tar/unpack';
import { isZip, unpackZip } from './zip/zip';

const entryLimit = 100_000;

const depthOf = (artifact: Artifact) =>
  artifact.path!.split('/').filter(Boolean).length;

// A link that another input brought to this place is not followed.
const writeNew = (host: string, text: string) =>
  writeFile(host, text, { flag: 'wx' });

/** Where inputs come from, and how large they may be. */
export interface InputSources
  extends Pick<LocalStepRunnerOptions, 'artifacts' | 'fetchGit'> {
  limitBytes: number;
}

/** Puts every input artifact of a template in its place. Throws with Argo's sentence when one fails to load. */
export async function stageInputs(
  directory: string,
  template: LeafTemplate,
  sources: InputSources,
): Promise<void> {
  const artifacts = (template.inputs?.artifacts ?? []).filter(
    ({ path: at }) => at,
  );
  // Folders before what lies in them: a file may replace one that a folder brought, as a mount over it would.
  for (const artifact of artifacts.sort((a, b) => depthOf(a) - depthOf(b))) {
    try {
      await stage(directory, artifact, sources);
      await setMode(directory, artifact);
    } catch (error) {
      const isMissing = (error as Error).name === 'NotFoundError';
      if (isMissing && artifact.optional) continue;
      throw new Error(
        `artifact ${artifact.name} failed to load: ${(error as Error).message}`,
      );
    }
  }
}

// As Argo does: the rights of the artifact itself, or with `recurseMode` of all that it holds.
async function setMode(directory: string, artifact: Artifact): Promise<void> {
  const { mode, recurseMode } = artifact;
  if (mode === undefined) return;
  const host = await findInside(directory, artifact.path!);
  if (!host) return;
  const rights = toRights(mode);
  const change = async (place: string): Promise<void> => {
    const stat = await lstat(place);
    // The rights of a link are those of what it leads to, which may lie elsewhere.
    if (stat.isSymbolicLink()) return;
    if (recurseMode && stat.isDirectory())
      for (const name of await readdir(place))
        await change(path.join(place, name));
    await chmod(place, rights);
  };
  await change(host);
}

/** Rights as YAML gives them: 493 and 0755 mean the same, but only readers of YAML 1.1 turn one into the other. */
export function toRights(mode: number): number {
  const isOctalText = mode > 0o777 && /^[0-7]{3,4}$/.test(String(mode));
  return (isOctalText ? parseInt(String(mode), 8) : mode) & 0o777;
}

async function stage(
  directory: string,
  artifact: Artifact,
  sources: InputSources,
): Promise<void> {
  const target = await makeParents(directory, artifact.path!);
  await rm(target, { recursive: true, force: true });
  if (artifact.raw) return writeNew(target, artifact.raw.data);
  if (artifact.git) {
    const { repo, revision } = artifact.git;
    return sources.fetchGit(repo, revision, target);
  }
  if (!artifact.s3?.key) throw new Error('it has no source');
  return stageStored(directory, { ...artifact, target }, sources);
}

// As Argo does: bytes that are a tar.gz are unpacked, unless the artifact says that it has no archive.
async function stageStored(
  directory: string,
  { s3, archive, target }: Artifact & { target: string },
  sources: InputSources,
): Promise<void> {
  const key = s3!.key;
  const files = await sources.artifacts.list(key, { limit: entryLimit });
  if (files.length > 0) return stageFolder(key, files, target, sources);
  const work = await mkdtemp(path.join(directory, 'unpack-'));
  try {
    const file = path.join(work, 'bytes');
    await copy(key, file, sources);
    const zipped = archive?.zip !== undefined && (await isZip(file));
    if (archive?.none || !(zipped || (await isTarGzip(file))))
      return await rename(file, target);
    const folder = await makeFolders(work, 'content');
    const limits = { bytes: sources.limitBytes, entries: entryLimit };
    if (zipped) await unpackZip(file, folder, limits);
    else await unpack(file, folder, limits);
    const names = await readdir(folder);
    // The one entry of an archive gets the name of its new place.
    const content = names.length === 1 ? path.join(folder, names[0]) : folder;
    return await rename(content, target);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function stageFolder(
  key: string,
  files: { key: string }[],
  target: string,
  sources: InputSources,
): Promise<void> {
  await mkdir(target);
  for (const file of files) {
    const name = file.key.slice(key.length + 1);
    const folder = await makeFolders(target, path.posix.dirname(name));
    await copy(file.key, path.join(folder, path.posix.basename(name)), sources);
  }
}

async function copy(
  key: string,
  target: string,
  { artifacts }: InputSources,
): Promise<void> {
  const { body } = await artifacts.get(key);
  await pipeline(
    Readable.from(body),
    createWriteStream(target, { flags: 'wx' }),
  );
}

/** Writes a new file inside a step that everybody there may read and run. */
export async function writeProgram(
  directory: string,
  inside: string,
  text: string,
): Promise<void> {
  const host = await makeParents(directory, inside);
  await writeNew(host, text);
  await chmod(host, 0o755);
}
