/* What differs between two commits, and whether git can put them together. Answers of the same two commits are kept. */
import type {
  ConflictHunk,
  PullRequestDetail,
} from '@backstage-mlops/mlops-core';
import type { GitRepository } from '../gitops/GitRepository';
import { titleOf } from '../gitops/parseCommit';
import { gitLine, runGit } from '../gitops/runGit';
import { CommitLine } from './CommitLine';

const textLimitBytes = 2 * 1024 * 1024;
const diffLimitBytes = 4 * 1024 * 1024;
const fileLimitCharacters = 200_000;
const filesLimit = 1000;
const commitsLimit = 250;
const hunksLimit = 100;
const linesLimit = 200;

/** Two sides put together, or where they do not fit. */
export interface MergeResult {
  /** The tree; with markers in it when there are conflicts. */
  tree: string;
  /** Files that do not fit. */
  conflicts: string[];
}

interface Diff {
  files: PullRequestDetail['files'];
  paths: string[];
  /** Whether `paths` are all that differ. */
  isWhole: boolean;
}

export class GitComparison {
  private readonly known = new Map<string, Promise<unknown>>();

  private readonly directory: string;
  private readonly line: CommitLine;

  constructor(private readonly repository: GitRepository) {
    this.directory = repository.gitDirectory;
    this.line = new CommitLine(repository);
  }

  /** The commit where two part; the first one when they have nothing in common. */
  mergeBase(one: string, other: string): Promise<string | undefined> {
    return this.once(`base ${one} ${other}`, async () => {
      if (await this.line.between(one, other)) return one;
      const { stdout } = await runGit(
        this.directory,
        ['merge-base', one, other],
        { answers: [0, 1] },
      );
      return stdout.toString().trim() || undefined;
    });
  }

  /** Whether one commit is part of the history of another. */
  isAncestor(older: string, newer: string): Promise<boolean> {
    if (older === newer) return Promise.resolve(true);
    return this.once(`ancestor ${older} ${newer}`, async () => {
      if (await this.line.between(newer, older)) return false;
      if (await this.line.between(older, newer)) return true;
      const { code } = await runGit(
        this.directory,
        ['merge-base', '--is-ancestor', older, newer],
        { answers: [0, 1, 128] },
      );
      return code === 0;
    });
  }

  /** Files that differ, with unified diffs up to a limit. */
  files(before: string, after: string): Promise<PullRequestDetail['files']> {
    return this.diff(before, after).then(({ files }) => files);
  }

  /** Paths of all files that differ. */
  paths(before: string, after: string): Promise<string[]> {
    return this.once(`paths ${before} ${after}`, async () => {
      const { paths, isWhole } = await this.diff(before, after);
      if (isWhole) return paths;
      const { stdout } = await runGit(this.directory, [
        'diff-tree',
        '-r',
        '--no-renames',
        '--name-only',
        '-z',
        before,
        after,
      ]);
      return stdout.toString().split('\0').filter(Boolean);
    });
  }

  /** Addresses of everybody who wrote, committed or is named as co-author of a commit of a branch since it parted. */
  addresses(before: string, after: string): Promise<string[]> {
    return this.once(`addresses ${before} ${after}`, async () => {
      const line = await this.line.between(before, after);
      // What a trailer is, git decides.
      if (line?.every(({ message }) => !/^co-authored-by/im.test(message)))
        return addressesOf(
          line.flatMap(({ author, committer }) => [
            author.email,
            committer.email,
          ]),
        );
      const { stdout } = await runGit(this.directory, [
        'log',
        '--format=%ae%n%ce%n%(trailers:key=Co-authored-by,valueonly)',
        `${before}..${after}`,
      ]);
      return addressesOf(
        stdout
          .toString()
          .split('\n')
          .map(text => (/<([^<>]*)>\s*$/.exec(text)?.[1] ?? text).trim()),
      );
    });
  }

  /** Commits of a branch since it parted; oldest first. */
  commits(
    before: string,
    after: string,
  ): Promise<PullRequestDetail['commits']> {
    return this.once(`commits ${before} ${after}`, async () => {
      const line = await this.line.between(before, after);
      if (line)
        return line.map(({ commit, message, author, committer }) => ({
          commit,
          title: titleOf(message).slice(0, 300),
          author: author.name.slice(0, 200),
          at: committer.at,
        }));
      const out = await gitLine(this.directory, [
        'log',
        `--max-count=${commitsLimit}`,
        '--topo-order',
        '--format=%H%x1f%s%x1f%an%x1f%cI',
        `${before}..${after}`,
      ]);
      return out
        .split('\n')
        .filter(Boolean)
        .map(text => {
          const [commit, title, author, at] = text.split('\x1f');
          return {
            commit,
            title: title.slice(0, 300),
            author: author.slice(0, 200),
            at: new Date(at).toISOString(),
          };
        })
        .reverse();
    });
  }

  /** Puts two commits together. */
  merge(ours: string, theirs: string): Promise<MergeResult> {
    return this.once(`merge ${ours} ${theirs}`, async () => {
      const line = await this.line.between(ours, theirs);
      if (line?.length) return { tree: line.at(-1)!.tree, conflicts: [] };
      const { code, stdout } = await runGit(
        this.directory,
        [
          'merge-tree',
          '--write-tree',
          '-z',
          '--name-only',
          '--no-messages',
          '--allow-unrelated-histories',
          ours,
          theirs,
        ],
        { answers: [0, 1] },
      );
      const [tree, ...names] = stdout.toString().split('\0').filter(Boolean);
      return { tree, conflicts: code === 0 ? [] : [...new Set(names)] };
    });
  }

  /** Where two commits do not fit. */
  conflicts(ours: string, theirs: string): Promise<ConflictHunk[]> {
    return this.once(`conflicts ${ours} ${theirs}`, async () => {
      const { tree, conflicts } = await this.merge(ours, theirs);
      const hunks: ConflictHunk[] = [];
      for (const path of conflicts) {
        if (hunks.length >= hunksLimit) break;
        const found = hunksOf(path, await this.text(tree, path), {
          ours,
          theirs,
        });
        hunks.push(
          ...(found.length > 0
            ? found
            : [await this.wholeFile(path, ours, theirs)]),
        );
      }
      return hunks.slice(0, hunksLimit);
    });
  }

  // One side removed the file, or it is no text: both sides are shown as far as they are text.
  private async wholeFile(
    path: string,
    ours: string,
    theirs: string,
  ): Promise<ConflictHunk> {
    const lines = async (commit: string | undefined) =>
      commit === undefined
        ? []
        : linesOf((await this.text(commit, path)) ?? '').slice(0, linesLimit);
    return {
      path,
      line: 1,
      ours: await lines(ours),
      base: await lines(await this.mergeBase(ours, theirs)),
      theirs: await lines(theirs),
    };
  }

  /** Who wrote a commit; undefined when it is not there. */
  async authorOf(
    commit: string,
  ): Promise<{ name: string; email: string } | undefined> {
    return (await this.line.commit(commit))?.author;
  }

  /** Text of a file of a commit or tree; undefined when it is none. */
  async text(treeish: string, path: string): Promise<string | undefined> {
    if (path.includes('\n')) return undefined;
    const found = await this.repository.read(
      `${treeish}:${path}`,
      textLimitBytes,
    );
    if (found?.type !== 'blob' || !found.bytes || found.bytes.includes(0))
      return undefined;
    return found.bytes.toString();
  }

  private diff(before: string, after: string): Promise<Diff> {
    return this.once(`diff ${before} ${after}`, () =>
      this.readDiff(before, after),
    );
  }

  private async readDiff(before: string, after: string): Promise<Diff> {
    const { stdout, truncated } = await runGit(
      this.directory,
      [
        'diff-tree',
        '-r',
        '--no-renames',
        '--no-ext-diff',
        '--no-textconv',
        '--full-index',
        '--patch-with-raw',
        '-z',
        before,
        after,
      ],
      { limitBytes: diffLimitBytes },
    );
    const { entries, patch, isWhole } = splitDiff(stdout, truncated);
    const parts = patch.split(/^(?=diff --git )/m).filter(Boolean);
    const files: PullRequestDetail['files'] = [];
    for (const { status, path } of entries) {
      // A file that becomes a link is told as removed and added.
      const own = parts.splice(0, status === 'T' ? 2 : 1).join('');
      const isLast = parts.length === 0;
      if (files.length < filesLimit)
        files.push({
          path,
          status:
            status === 'A' ? 'added' : status === 'D' ? 'deleted' : 'modified',
          ...limited(own, truncated && (isLast || own === '')),
        });
    }
    return { files, paths: entries.map(entry => entry.path), isWhole };
  }

  private once<T>(key: string, work: () => Promise<T>): Promise<T> {
    const known = this.known.get(key) as Promise<T> | undefined;
    if (known) return known;
    const result = work();
    this.known.set(key, result);
    result.catch(() => this.known.delete(key));
    if (this.known.size > 500)
      this.known.delete(this.known.keys().next().value!);
    return result;
  }
}

const addressesOf = (texts: string[]) => [
  ...new Set(
    texts
      .filter(text => /^[^\s@]+@[^\s@]+$/.test(text) && text.length <= 254)
      .map(text => text.toLowerCase()),
  ),
];

/** What `--patch-with-raw -z` gives: status and path of each file, ended by zeros, an empty one, then the diffs. */
function splitDiff(
  bytes: Buffer,
  isCut: boolean,
): {
  entries: { status: string; path: string }[];
  patch: string;
  isWhole: boolean;
} {
  const entries: { status: string; path: string }[] = [];
  let at = 0;
  const next = () => {
    const end = bytes.indexOf(0, at);
    if (end < 0) return undefined;
    const text = bytes.toString('utf8', at, end);
    at = end + 1;
    return text;
  };
  while (bytes[at] === 0x3a) {
    const head = next();
    const path = next();
    // Cut in the middle of the list.
    if (head === undefined || path === undefined)
      return { entries, patch: '', isWhole: false };
    entries.push({ status: head.split(' ')[4], path });
  }
  const hasDiffs = bytes[at] === 0;
  return {
    entries,
    patch: hasDiffs ? bytes.toString('utf8', at + 1) : '',
    isWhole: hasDiffs || !isCut,
  };
}

function limited(
  text: string,
  isCut: boolean,
): { diff: string; truncated?: true } {
  if (
    /^Binary files .* differ$/m.test(text.slice(0, 4000)) &&
    !/^@@ /m.test(text)
  )
    return { diff: '' };
  if (!isCut && text.length <= fileLimitCharacters) return { diff: text };
  const cut = text.slice(0, fileLimitCharacters);
  return { diff: cut.slice(0, cut.lastIndexOf('\n') + 1), truncated: true };
}

const linesOf = (text: string) => {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
};

/** The places between git's markers. The labels are commits, so that markers which the file itself holds are not taken for them. */
function hunksOf(
  path: string,
  text: string | undefined,
  sides: { ours: string; theirs: string },
): ConflictHunk[] {
  const hunks: ConflictHunk[] = [];
  let hunk: ConflictHunk | undefined;
  let side: 'ours' | 'base' | 'theirs' = 'ours';
  linesOf(text ?? '').forEach((raw, place) => {
    const line = raw.replace(/\r$/, '');
    if (!hunk) {
      if (line.startsWith(`<<<<<<< ${sides.ours}`)) {
        hunk = { path, line: place + 1, ours: [], base: [], theirs: [] };
        side = 'ours';
      }
    } else if (line.startsWith(`>>>>>>> ${sides.theirs}`)) {
      hunks.push(hunk);
      hunk = undefined;
    } else if (side === 'ours' && line.startsWith('||||||| ')) side = 'base';
    else if (side !== 'theirs' && line === '=======') side = 'theirs';
    else if (hunk[side].length < linesLimit) hunk[side].push(raw);
  });
  return hunks;
}
