/*
 * How a request begins: a branch with one commit, or one that somebody pushed, and the request of it. A key leads to the same branch and
 * the same request, so an attempt that broke off is gone on with.
 */
import {
  branchSlug,
  ConflictError,
  InputError,
  type OpenPullRequest,
} from '@backstage-mlops/mlops-core';
import { createHash, randomUUID } from 'node:crypto';
import type { GithubCommits } from './GithubCommits';
import type { GithubReader } from './GithubReader';
import type { GithubRepository } from './GithubRepository';
import { oneLine } from './oneLine';
import { toBody } from './words';

export interface GithubOpeningsOptions {
  repository: GithubRepository;
  commits: GithubCommits;
  reader: GithubReader;
  owner: string;
  /** The branch that changes go to. */
  branch: string;
  /** ISO 8601. */
  now(): string;
}

/** Branches that the portal made begin so. */
export const branchPrefix = 'mlops/';

export class GithubOpenings {
  constructor(private readonly options: GithubOpeningsOptions) {}

  /** Opens a request, or finds the one that the key opened before; gives its number. */
  async open(request: OpenPullRequest): Promise<number> {
    const { repository } = this.options;
    const title = oneLine(request.title, 'title');
    const own = ownBranch(title, request.key);
    const known = request.key && (await this.findByKey(request.key, own));
    if (known) return known;
    const branch =
      'branch' in request
        ? await this.pushedBranch(request.branch)
        : await this.branchOf(request, title, own);
    const marker = {
      by: request.by.ref,
      key: request.key,
      reviewers: request.reviewers ?? [],
    };
    const created = await repository
      .once(
        'POST /pulls',
        {
          title,
          head: branch,
          base: this.options.branch,
          body: toBody(
            request.message ?? '',
            'Proposed by',
            request.by,
            marker,
          ),
          draft: request.draft ?? false,
        },
        () => this.openOf(branch),
      )
      .catch(async error => {
        if (!(error instanceof InputError)) throw error;
        // A branch of the portal's own making carries this request and no other.
        const there = await this.openOf(branch);
        if (there && !('branch' in request)) return there;
        throw there
          ? new ConflictError(
              `The branch '${branch}' has a request already: ${there.number}.`,
              'conflict',
            )
          : error;
      });
    return created.number;
  }

  private async findByKey(
    key: string,
    branch: string,
  ): Promise<number | undefined> {
    const requests = await this.options.repository.all('GET /pulls', {
      state: 'all',
      head: `${this.options.owner}:${branch}`,
    });
    for (const raw of requests)
      if ((await this.options.reader.wordsOf(raw)).marker?.key === key)
        return raw.number;
    return undefined;
  }

  // A branch with one commit of the files. The same key leads to the same branch, so what an earlier call left is gone on with.
  private async branchOf(
    request: Extract<OpenPullRequest, { base: string }>,
    title: string,
    branch: string,
  ): Promise<string> {
    const { files, base, by, key, message } = request;
    const { commits } = this.options;
    if (files.length === 0)
      throw new InputError(
        'files must hold at least one file.',
        'invalid-field',
      );
    const target = await commits.head(this.options.branch);
    if (!target)
      throw new ConflictError(
        `The branch '${this.options.branch}' is not there.`,
        'conflict',
      );
    if (key && (await commits.head(branch))) return branch;
    const changed = await commits.changedAmong(base, target, files);
    if (changed)
      throw new ConflictError(
        `The file '${changed}' changed on ${
          this.options.branch
        } since ${base.slice(0, 12)}; look at it again.`,
        'conflict',
      );
    const commit = await commits.commitFiles(target, files, {
      author: by,
      message: message ? `${title}\n\n${message}\n` : `${title}\n`,
      at: this.options.now(),
    });
    if (!(await commits.create(branch, commit)))
      throw new ConflictError(
        `There is a branch '${branch}' already.`,
        'conflict',
      );
    return branch;
  }

  private async pushedBranch(branch: string): Promise<string> {
    const { commits } = this.options;
    if (branch === this.options.branch || !(await commits.head(branch)))
      throw new InputError(
        `branch must be one that was pushed, and not ${
          this.options.branch
        }; '${branch.slice(0, 100)}' is not.`,
        'invalid-field',
      );
    return branch;
  }

  private async openOf(branch: string): Promise<any> {
    const [found] = await this.options.repository.all('GET /pulls', {
      state: 'open',
      head: `${this.options.owner}:${branch}`,
      base: this.options.branch,
    });
    return found;
  }
}

// The branch that a request gets; the number is not known before there is one.
function ownBranch(title: string, key: string = randomUUID()): string {
  const mark = createHash('sha256').update(key).digest('hex').slice(0, 10);
  return `${branchPrefix}${branchSlug(title)}-${mark}`;
}
