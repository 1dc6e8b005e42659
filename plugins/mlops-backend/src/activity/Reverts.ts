/*
 * Takes a commit back by a request. Each file that the commit changed is put to what it was before, when nobody has touched it
 * since; else both are merged by lines, and where that does not go it is said which file stands in the way.
 */
import {
  ConflictError,
  NotFoundError,
  type FileEdit,
} from '@backstage-mlops/mlops-core';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type {
  ChangedFile,
  GitHistory,
  HistoryCommit,
} from '../gitops/GitHistory';
import { gitEnvironment, type GitRepository } from '../gitops/GitRepository';

export interface RevertsOptions {
  history: GitHistory;
  repository: Pick<GitRepository, 'read' | 'resolve'>;
}

const fileLimitBytes = 1024 * 1024;
const filesLimit = 200;

/** What takes a commit back. */
export interface RevertPlan {
  commit: HistoryCommit;
  edits: FileEdit[];
}

export class Reverts {
  constructor(private readonly options: RevertsOptions) {}

  /** The edits that take a commit back from the main branch. ConflictError says what stands in the way. */
  async plan(options: {
    commit: string;
    main: string;
    /** Only files of this folder. */
    folder: string;
  }): Promise<RevertPlan> {
    const { history } = this.options;
    const id = await this.options.repository.resolve(options.commit);
    const commit = await history.commit(id);
    if (!commit || !(await history.isAncestor(id, options.main)))
      throw new NotFoundError(
        `Commit '${options.commit.slice(0, 40)}' is not on the main branch.`,
        'not-found',
      );
    if (!commit.parent)
      throw new ConflictError(
        `Commit ${short(
          id,
        )} is the first one; there is nothing before it to go back to.`,
        'conflict',
      );
    const files = (await history.filesOf(commit)).filter(file =>
      file.path.startsWith(`${options.folder}/`),
    );
    if (files.length === 0)
      throw new NotFoundError(
        `Commit ${short(id)} changed nothing in ${options.folder}.`,
        'not-found',
      );
    if (files.length > filesLimit)
      throw new ConflictError(
        `Commit ${short(id)} changed ${
          files.length
        } files; at most ${filesLimit} are taken back by a request.`,
        'conflict',
      );
    const edits: FileEdit[] = [];
    for (const file of files) {
      const edit = await this.undo(file, id, options.main);
      if (edit) edits.push(edit);
    }
    if (edits.length === 0)
      throw new ConflictError(
        `Nothing of commit ${short(id)} is left to take back.`,
        'conflict',
      );
    return { commit, edits };
  }

  private async undo(
    file: ChangedFile,
    commit: string,
    main: string,
  ): Promise<FileEdit | undefined> {
    const { path: name, before, after } = file;
    const present = await this.options.history.oidAt(main, name);
    if (present === before) return undefined;
    if (present === after)
      return before === undefined
        ? { path: name, delete: true }
        : { path: name, content: await this.text(before, name) };
    if (!present || !before || !after)
      throw new ConflictError(
        `${name} was ${present ? 'changed' : 'removed'} since commit ${short(
          commit,
        )}, so it cannot be taken back by itself. Change it by hand.`,
        'conflict',
      );
    const texts = await Promise.all(
      [present, after, before].map(oid => this.text(oid, name)),
    );
    const content = await mergeTexts(texts[0], texts[1], texts[2]);
    if (content === undefined)
      throw new ConflictError(
        `${name} was changed in the same place since commit ${short(
          commit,
        )}, so it cannot be taken back by itself. Change it by hand.`,
        'conflict',
      );
    return content === texts[0] ? undefined : { path: name, content };
  }

  private async text(oid: string, name: string): Promise<string> {
    const found = await this.options.repository.read(oid, fileLimitBytes);
    const bytes = found?.bytes;
    const text = bytes && !bytes.includes(0) && bytes.toString('utf8');
    if (typeof text !== 'string' || !Buffer.from(text).equals(bytes!))
      throw new ConflictError(
        `${name} is no text of at most 1 MiB; it cannot be taken back here.`,
        'conflict',
      );
    return text;
  }
}

const short = (commit: string) => commit.slice(0, 12);

/** Lines of three texts put together by git; undefined where two of them changed the same ones. */
async function mergeTexts(
  ours: string,
  base: string,
  theirs: string,
): Promise<string | undefined> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'mlops-revert-'));
  try {
    const names = ['ours', 'base', 'theirs'].map(name =>
      path.join(folder, name),
    );
    await Promise.all(
      [ours, base, theirs].map((text, i) => writeFile(names[i], text)),
    );
    return await new Promise((resolve, reject) => {
      execFile(
        'git',
        ['merge-file', '-p', '-q', ...names],
        { env: gitEnvironment, maxBuffer: 16 * 1024 * 1024, cwd: folder },
        (error, stdout) => {
          if (!error) resolve(stdout);
          else if (typeof error.code === 'number' && error.code < 128)
            resolve(undefined);
          else reject(error);
        },
      );
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
