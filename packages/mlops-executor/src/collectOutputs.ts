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
import { containerOf, type LeafTemplate } from './template';
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

/** Collects all outputs, also beside one that is faulty. A fault of a parameter is told before those of artifacts, as Argo does. */
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
  const { stored, fault } = await collectArtifacts(
    directory,
    template,
    targets,
  );
  if (stored.length > 0) outputs.artifacts = stored;
  // Where the step's folder lies on the host is nobody's business.
  const told = (faults[0] ?? fault)?.replaceAll(path.join(directory, 'fs'), '');
  return { outputs, fault: told };
}

async function collectArtifacts(
  directory: string,
  template: LeafTemplate,
  targets: OutputTargets,
): Promise<{ stored: Artifact[]; fault?: string }> {
  const stored: Artifact[] = [];
  const faults: { text: string; isArgo: boolean }[] = [];
  const keys = new Set<string>();
  for (const artifact of template.outputs?.artifacts ?? []) {
    try {
      const key = keyFor(artifact, targets.prefix, keys);
      const kept = await store(directory, template, artifact, {
        ...targets,
        key,
      });
      if (kept) stored.push(kept);
    } catch (error) {
      const isArgo = error instanceof ArgoFault;
      const { message } = error as Error;
      const text = isArgo
        ? message
        : `failed to save outputs: artifact ${artifact.name}: ${message}`;
      faults.push({ text, isArgo });
    }
  }
  const last = faults.length - 1;
  // Argo ends each of its own so, the last one, too.
  const told = faults.map(({ text, isArgo }, at) =>
    isArgo || at < last ? `${text}; ` : text,
  );
  return { stored, fault: last < 0 ? undefined : told.join('') };
}

// As Argo names them; two files of one name in different folders stay two.
function keyFor(
  { name, path: inside, archive }: Artifact,
  prefix: string,
  taken: Set<string>,
): string {
  const file = path.posix.basename(inside!);
  const ending = archive?.zip ? 'zip' : 'tgz';
  const wanted = archive?.none ? file : `${name}.${ending}`;
  const key = taken.has(wanted) ? `${name}/${wanted}` : wanted;
  taken.add(key);
  return `${prefix}/${key}`;
}

// The executor of Argo finds outputs of the main container mirrored below this folder, so its message names it.
const mirror = '/var/run/argo/outputs/parameters';
const artifactMirror = '/var/run/argo/outputs/artifacts';

/** A fault that Argo has too, in its words. */
class ArgoFault extends Error {}

const missing = (inside: string, isPlain: boolean) =>
  new ArgoFault(
    `open ${path.posix.join(artifactMirror, inside)}${
      isPlain ? '' : '.tgz'
    }: no such file or directory`,
  );

// Argo gives one file its own name before it looks for it under that of the artifact.
function checkZip(
  { name, path: inside }: Artifact,
  template: LeafTemplate,
  isFile: boolean,
): void {
  const { base } = path.posix.parse(inside!);
  if (isFile && base !== name && isOfImage(inside!, template))
    throw new ArgoFault(
      `stat /tmp/argo/outputs/artifacts/${name}: no such file or directory`,
    );
}

// Argo's executor sees volumes and what came in; the rest it takes out of the image.
function isOfImage(inside: string, template: LeafTemplate): boolean {
  const shared = [
    ...(containerOf(template).volumeMounts ?? []).map(
      ({ mountPath }: { mountPath: string }) => mountPath,
    ),
    ...(template.inputs?.artifacts ?? []).map(({ path: place }) => place),
  ];
  return !shared.some(
    place =>
      place !== undefined &&
      `${inside}/`.startsWith(`${place}/`.replace(/\/+$/, '/')),
  );
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
  template: LeafTemplate,
  artifact: Artifact,
  { key, artifacts, limits }: Omit<OutputTargets, 'prefix'> & { key: string },
): Promise<Artifact | undefined> {
  const { name, path: inside, archive, optional } = artifact;
  const host = await findInside(directory, inside!);
  if (!host) {
    if (optional) return undefined;
    throw missing(inside!, archive?.none !== undefined);
  }
  const kept = { name, path: inside, ...(archive ? { archive } : {}) };
  if (archive?.none) {
    await storeFiles(host, key, { artifacts, limits });
    return { ...kept, s3: { key } };
  }
  if (archive?.zip) {
    checkZip(artifact, template, (await lstat(host)).isFile());
    await artifacts.put(key, await packZip(host, limits), { replace: true });
    return { ...kept, s3: { key } };
  }
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
