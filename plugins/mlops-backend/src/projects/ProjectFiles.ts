/* Every file of a project's folder at a commit, to be looked at and edited; what pages read of a project is less. */
import {
  checkChangePath,
  InputError,
  maxFileBytes,
  NotFoundError,
  type ProjectFileEntry,
  type ProjectFileList,
  type ProjectFileText,
} from '@backstage-mlops/mlops-core';
import type { GitopsIndex } from '../gitops/GitopsIndex';
import type { GitRepository } from '../gitops/GitRepository';

const maxFiles = 5_000;
const maxFolders = 1_000;
const maxDepth = 30;

const kinds: Record<string, ProjectFileEntry['kind']> = {
  '120000': 'link',
  '160000': 'submodule',
};

export class ProjectFiles {
  constructor(
    private readonly options: {
      index: Pick<GitopsIndex, 'branch' | 'foldersOf'>;
      repository: GitRepository;
    },
  ) {}

  /** What the folder holds. NotFoundError when the commit has no such project. */
  async list(project: string, ref?: string): Promise<ProjectFileList> {
    const { folder, commit, tree } = await this.place(project, ref);
    const walk: Walk = { items: [], folders: 0, truncated: false };
    await this.walk(walk, tree, folder, 0);
    const { items, truncated } = walk;
    items.sort((a, b) => (a.path < b.path ? -1 : 1));
    return { project, commit, folder, items, truncated };
  }

  /** One file. NotFoundError when it is not there, InputError when the path is none of the project's folder. */
  async read(
    project: string,
    path: string,
    ref?: string,
  ): Promise<ProjectFileText> {
    const { folder, commit } = await this.place(project, ref);
    const fault =
      checkChangePath(path) ??
      (path.startsWith(`${folder}/`) ? undefined : `must be below '${folder}'`);
    if (fault !== undefined)
      throw new InputError(
        `path ${fault}: '${path.slice(0, 200)}'.`,
        'invalid-field',
      );
    const found = await this.options.repository.read(
      `${commit}:${path}`,
      maxFileBytes,
    );
    if (found?.type !== 'blob')
      throw new NotFoundError(
        `There is no file '${path}' at ${commit.slice(0, 12)}.`,
        'not-found',
      );
    const text = found.bytes && toText(found.bytes);
    return {
      project,
      commit,
      path,
      sizeBytes: found.sizeBytes,
      ...(text === undefined ? {} : { text }),
    };
  }

  private async place(project: string, ref?: string) {
    const { index, repository } = this.options;
    const commit = await repository.resolve(ref ?? index.branch);
    const isName = /^[a-z0-9][-a-z0-9]{0,62}$/.test(project);
    const folder = index.foldersOf(project).project;
    const found =
      isName && (await repository.readFolder(`${commit}:${folder}`));
    if (!found || !found.oid)
      throw new NotFoundError(
        `There is no project '${project.slice(0, 100)}' at ${commit.slice(
          0,
          12,
        )}.`,
        'not-found',
      );
    return { folder, commit, tree: found.oid };
  }

  // A tree of a stranger may be as deep and wide as he likes.
  private async walk(
    walk: Walk,
    tree: string,
    prefix: string,
    depth: number,
  ): Promise<void> {
    walk.folders += 1;
    if (walk.folders > maxFolders || depth > maxDepth) {
      walk.truncated = true;
      return;
    }
    const { entries, tooLarge } = await this.options.repository.readFolder(
      tree,
    );
    if (tooLarge) walk.truncated = true;
    for (const { mode, name, oid } of entries) {
      const path = `${prefix}/${name}`;
      if (walk.items.length >= maxFiles) {
        walk.truncated = true;
        return;
      }
      if (mode === '040000') await this.walk(walk, oid, path, depth + 1);
      else walk.items.push({ path, kind: kinds[mode] ?? 'file' });
    }
  }
}

interface Walk {
  items: ProjectFileEntry[];
  folders: number;
  truncated: boolean;
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
