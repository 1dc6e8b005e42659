/*
 * Files of a folder at a commit, as far as anybody reads them. Only folders that may hold such files are opened, each has a cap, and
 * so has each file: a tree that a stranger made a billion files wide costs as much as an empty one.
 */
import {
  isProjectFile,
  isSharedFile,
  maxFileBytes,
  projectFolders,
  type ProjectFile,
} from '@backstage-mlops/mlops-core';
import type { GitRepository } from './GitRepository';

/** What was read, and folders that are too large to be read. */
export interface FolderFiles {
  files: ProjectFile[];
  tooLarge: string[];
  /** Path of the first file that is not read, because those before it are {@link maxFolderBytes} already. */
  leftOut?: string;
}

interface Wanted {
  file(path: string): boolean;
  folder(path: string): boolean;
}

/** Bytes of a folder's files that are read. */
export const maxFolderBytes = 4 << 20;
const maxFiles = 500;
const maxFolders = 100;
const maxSharedDepth = 4;

export class FolderReader {
  constructor(private readonly repository: GitRepository) {}

  /** Files of a project, by the id of its tree or by `<commit>:<path>`. */
  project(tree: string): Promise<FolderFiles> {
    return this.read(tree, {
      file: isProjectFile,
      folder: path => projectFolders.includes(path),
    });
  }

  /** Files that all projects share. */
  shared(tree: string): Promise<FolderFiles> {
    return this.read(tree, {
      file: isSharedFile,
      folder: path => path.split('/').length < maxSharedDepth,
    });
  }

  /** Text of a file, by `<commit>:<path>`; undefined when it is no text that is read. */
  async text(name: string): Promise<string | undefined> {
    const found = await this.repository.read(name, maxFileBytes);
    return found?.type === 'blob' ? toText(found.bytes) : undefined;
  }

  private async read(tree: string, wanted: Wanted): Promise<FolderFiles> {
    const found: { path: string; mode: string; oid: string }[] = [];
    const tooLarge: string[] = [];
    let opened = 0;
    const open = async (name: string, prefix: string): Promise<void> => {
      if (++opened > maxFolders) return;
      const folder = await this.repository.readFolder(name);
      if (folder.tooLarge) tooLarge.push(prefix.slice(0, -1));
      for (const entry of folder.entries) {
        if (found.length >= maxFiles) return;
        const path = `${prefix}${entry.name}`;
        if (entry.mode !== '040000') {
          if (wanted.file(path))
            found.push({ path, mode: entry.mode, oid: entry.oid });
        } else if (wanted.folder(path)) await open(entry.oid, `${path}/`);
      }
    };
    await open(tree, '');
    const files = await Promise.all(found.map(entry => this.fileOf(entry)));
    return { ...within(files), tooLarge };
  }

  private async fileOf(entry: {
    path: string;
    mode: string;
    oid: string;
  }): Promise<ProjectFile> {
    const { path, mode, oid } = entry;
    if (!mode.startsWith('100')) return { path, mode, sizeBytes: 0 };
    const blob = await this.repository.read(oid, maxFileBytes);
    return {
      path,
      mode,
      sizeBytes: blob?.sizeBytes ?? 0,
      text: toText(blob?.bytes),
    };
  }
}

// What stands first is read: a file too many at the end harms nothing before it.
function within(files: ProjectFile[]): Omit<FolderFiles, 'tooLarge'> {
  let bytes = 0;
  const end = files.findIndex(
    ({ text, sizeBytes }) =>
      text !== undefined && (bytes += sizeBytes) > maxFolderBytes,
  );
  return end < 0
    ? { files }
    : { files: files.slice(0, end), leftOut: files[end].path };
}

const decoder = new TextDecoder('utf-8', { fatal: true });

function toText(bytes: Buffer | undefined): string | undefined {
  if (!bytes || bytes.includes(0)) return undefined;
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}
