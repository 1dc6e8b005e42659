/* Commits of files by GitHub's git data API: blobs, a tree on the parent's, a commit in the person's name, a ref that only moves forward. */
import {
  ConflictError,
  InputError,
  type FileContent,
  type HostActor,
} from '@backstage-mlops/mlops-core';
import type { GithubRepository } from './GithubRepository';
import { plain } from './words';

export class GithubCommits {
  constructor(private readonly repository: GithubRepository) {}

  /** Newest commit of a branch. */
  async head(branch: string): Promise<string | undefined> {
    const ref = await this.repository.find('GET /git/ref/{ref}', {
      ref: `heads/${branch}`,
    });
    return ref?.object.sha;
  }

  /** The first of the paths whose file differs between two commits. */
  async changedAmong(
    base: string,
    target: string,
    files: FileContent[],
  ): Promise<string | undefined> {
    if (base === target) return undefined;
    if (!(await this.exists(base)))
      throw new InputError(
        `base must be a commit of the repository, not '${base.slice(0, 60)}'.`,
        'invalid-field',
      );
    for (const { path } of files)
      if ((await this.blobOf(path, base)) !== (await this.blobOf(path, target)))
        return path;
    return undefined;
  }

  /** A commit on a parent; nothing points at it yet. */
  async commitFiles(
    parent: string,
    files: FileContent[],
    words: { author: HostActor; message: string; at: string },
  ): Promise<string> {
    const { tree } = await this.repository.call(
      'GET /git/commits/{commit_sha}',
      { commit_sha: parent },
    );
    const entries = await Promise.all(
      files.map(async file => ({
        path: file.path,
        mode: '100644',
        type: 'blob',
        sha: file.content === null ? null : await this.blob(file.content),
      })),
    );
    const made = await this.repository.call('POST /git/trees', {
      base_tree: tree.sha,
      tree: entries,
    });
    const commit = await this.repository.call('POST /git/commits', {
      message: words.message,
      tree: made.sha,
      parents: [parent],
      author: {
        name: plain(words.author.name),
        email: words.author.email,
        date: words.at,
      },
    });
    return commit.sha;
  }

  /** Begins a branch. False when there is one of that name that is somewhere else. */
  async create(branch: string, commit: string): Promise<boolean> {
    try {
      await this.repository.call('POST /git/refs', {
        ref: `refs/heads/${branch}`,
        sha: commit,
      });
      return true;
    } catch (error) {
      // An earlier call that got no answer may have done it.
      if (!(error instanceof InputError)) throw error;
      return (await this.head(branch)) === commit;
    }
  }

  /** Moves a branch from a commit to one that follows it. ConflictError when somebody else was quicker. */
  async advance(branch: string, commit: string): Promise<void> {
    try {
      await this.repository.call('PATCH /git/refs/{ref}', {
        ref: `heads/${branch}`,
        sha: commit,
        force: false,
      });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      if ((await this.head(branch)) === commit) return;
      throw new ConflictError(
        `The branch '${branch}' has new commits; look at it again.`,
        'conflict',
      );
    }
  }

  /** Text of a file at a commit. */
  async read(path: string, commit: string): Promise<string | undefined> {
    const sha = await this.blobOf(path, commit);
    if (!sha) return undefined;
    const { content } = await this.repository.call(
      'GET /git/blobs/{file_sha}',
      {
        file_sha: sha,
      },
    );
    return Buffer.from(content, 'base64').toString('utf8');
  }

  private async exists(commit: string): Promise<boolean> {
    if (!/^[0-9a-f]{40}$/.test(commit)) return false;
    return (
      (await this.repository.find('GET /git/commits/{commit_sha}', {
        commit_sha: commit,
      })) !== undefined
    );
  }

  private async blobOf(
    path: string,
    commit: string,
  ): Promise<string | undefined> {
    const found = await this.repository.find('GET /contents/{+path}', {
      path: path.split('/').map(encodeURIComponent).join('/'),
      ref: commit,
    });
    return found?.sha;
  }

  private async blob(content: string | Uint8Array): Promise<string> {
    const { sha } = await this.repository.call('POST /git/blobs', {
      content: Buffer.from(content).toString('base64'),
      encoding: 'base64',
    });
    return sha;
  }
}
