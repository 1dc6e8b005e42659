/* Edits as a person asked for them, turned into whole files of the repository at a commit; what they may touch. */
import {
  applyEdits,
  checkChangePath,
  InputError,
  maxFileBytes,
  type BaseFile,
  type EditFault,
  type FileContent,
  type FileEdit,
} from '@backstage-mlops/mlops-core';
import type { GitRepository } from '../gitops/GitRepository';
import type { TreeEntry } from '../gitops/parseTree';
import { codeOwnersPlaces } from './codeOwners';

const shownFaults = 20;
const maxRemoved = 10_000;

/** Folder of a project in the repository. */
export const projectFolder = (root: string, project: string): string =>
  `${root ? `${root}/` : ''}ml-projects/${project}`;

/** What a change of a project may touch: its folder, templates for all projects, who owns what. */
export const allowedPaths =
  (root: string, project: string) =>
  (path: string): boolean => {
    const folder = projectFolder(root, project);
    return (
      path.startsWith(`${folder}/`) || path === folder || isShared(root, path)
    );
  };

/** Whether a file is of all projects together. */
export const isShared = (root: string, path: string): boolean =>
  path.startsWith(`${root ? `${root}/` : ''}argo/`) ||
  codeOwnersPlaces.includes(path);

/**
 * Whole files after the edits. A folder that is removed takes all its files along. InputError names every edit that cannot be made,
 * and edits that change nothing.
 */
export async function filesAfter(
  edits: FileEdit[],
  at: {
    repository: GitRepository;
    commit: string;
    isAllowed(path: string): boolean;
  },
): Promise<FileContent[]> {
  const { repository, commit } = at;
  const outside = outsideOf(edits, at.isAllowed);
  if (outside.length > 0) throw refused(outside);
  const before = await readBefore(edits, repository, commit);
  const folders = Array.isArray(edits)
    ? edits.filter(
        edit =>
          'delete' in edit &&
          edit.delete === true &&
          before.get(edit.path)?.mode === '040000',
      )
    : [];
  const rest = Array.isArray(edits)
    ? edits.filter(edit => !folders.includes(edit))
    : edits;
  const { files, faults } = applyEdits(rest, path => before.get(path));
  const large = files.flatMap(file => tooLarge(file) ?? []);
  if (faults.length + large.length > 0) throw refused([...faults, ...large]);
  const named = new Set(files.map(file => file.path));
  for (const { path } of folders)
    for (const file of await listFiles(repository, `${commit}:${path}`, path))
      if (!named.has(file)) files.push({ path: file, content: null });
  if (files.length === 0)
    throw new InputError(
      'edits change nothing: the files are so already.',
      'invalid-field',
    );
  return files;
}

function refused(faults: EditFault[]): InputError {
  return new InputError(
    faults
      .slice(0, shownFaults)
      .map(fault => fault.message)
      .join(' '),
    'invalid-field',
  );
}

function outsideOf(
  edits: FileEdit[],
  isAllowed: (path: string) => boolean,
): EditFault[] {
  if (!Array.isArray(edits)) return [];
  return edits.flatMap((edit, place) => {
    const path = edit?.path;
    // What is no path at all is told by applyEdits.
    if (checkChangePath(path) || isAllowed(path)) return [];
    return [
      {
        field: `edits[${place}].path`,
        path,
        message: `edits[${place}].path '${path.slice(
          0,
          200,
        )}' is outside of what a change of this project may touch.`,
      },
    ];
  });
}

function tooLarge({ path, content }: FileContent): EditFault | undefined {
  const bytes = content === null ? 0 : Buffer.byteLength(content);
  return bytes <= maxFileBytes
    ? undefined
    : {
        field: 'edits',
        path,
        message: `'${path}' would have ${bytes} bytes; at most ${maxFileBytes} are allowed.`,
      };
}

// The files that the edits name, and whatever stands where their folders are.
async function readBefore(
  edits: FileEdit[],
  repository: GitRepository,
  commit: string,
): Promise<Map<string, BaseFile>> {
  const named = (Array.isArray(edits) ? edits : [])
    .map(edit => edit?.path)
    .filter(path => !checkChangePath(path));
  const folders = new Map<string, Promise<Map<string, TreeEntry>>>();
  const folderOf = (path: string) => {
    const known = folders.get(path);
    if (known) return known;
    const entries = repository
      .readFolder(`${commit}:${path}`)
      .then(folder => new Map(folder.entries.map(item => [item.name, item])));
    folders.set(path, entries);
    return entries;
  };
  const files = new Map<string, BaseFile>();
  for (const path of named) {
    const parts = path.split('/');
    for (let count = 1; count <= parts.length; count++) {
      const place = parts.slice(0, count).join('/');
      const entry = (await folderOf(parts.slice(0, count - 1).join('/'))).get(
        parts[count - 1],
      );
      if (!entry) break;
      if (entry.mode === '040000' && count < parts.length) continue;
      files.set(place, await baseFile(entry, repository));
      break;
    }
  }
  return files;
}

async function baseFile(
  { mode, oid }: TreeEntry,
  repository: GitRepository,
): Promise<BaseFile> {
  if (!mode.startsWith('100')) return { mode, sizeBytes: 0 };
  const blob = await repository.read(oid, maxFileBytes);
  const text = blob?.bytes && toText(blob.bytes);
  return {
    mode,
    sizeBytes: blob?.sizeBytes ?? 0,
    ...(text === undefined ? {} : { text }),
  };
}

/** All files of a folder. InputError when there are more than one request removes. */
async function listFiles(
  repository: GitRepository,
  tree: string,
  path: string,
): Promise<string[]> {
  const found: string[] = [];
  const open = async (name: string, prefix: string): Promise<void> => {
    const folder = await repository.readFolder(name);
    if (folder.tooLarge || found.length > maxRemoved || prefix.length > 2000)
      throw new InputError(
        `path '${path}' has more files than one change can remove (${maxRemoved}).`,
        'invalid-field',
      );
    for (const entry of folder.entries)
      if (entry.mode === '040000')
        await open(entry.oid, `${prefix}${entry.name}/`);
      else found.push(`${prefix}${entry.name}`);
  };
  await open(tree, `${path}/`);
  return found;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function toText(bytes: Buffer): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}
