/* What GitHub keeps of a pull request, in the nouns of the port. */
import {
  ConflictError,
  type ConflictHunk,
  type PullRequest,
  type PullRequestCheck,
  type PullRequestComment,
  type PullRequestDetail,
  type PullRequestReview,
  type ReviewVerdict,
} from '@backstage-mlops/mlops-core';
import { conflictsOf } from './conflicts';
import type { GithubCommits } from './GithubCommits';
import type { GithubRepository } from './GithubRepository';
import { mergedByOf, readBody, type Marker } from './words';

export interface GithubReaderOptions {
  repository: GithubRepository;
  commits: GithubCommits;
  /** Reference of a person by what GitHub calls them; undefined where the portal knows none. */
  personOf(login: string): Promise<string | undefined>;
  /** Before the path of a log of the portal. */
  portalUrl?: string;
}

/** Checks of the portal among all statuses of a commit. */
export const checkPrefix = 'mlops/';

const patchLimit = 200_000;
// Each commit is a call of its own; older heads are seldom asked for.
const checkedCommits = 10;
const conflictFiles = 20;
const states: Record<string, PullRequestCheck['state']> = {
  pending: 'pending',
  success: 'passed',
};
const verdicts: Record<string, ReviewVerdict> = {
  APPROVED: 'approved',
  CHANGES_REQUESTED: 'changes-requested',
  COMMENTED: 'commented',
};

export class GithubReader {
  constructor(private readonly options: GithubReaderOptions) {}

  /** The request as GitHub answers it, once it knows whether it can be merged. */
  async raw(number: number): Promise<any> {
    const { repository } = this.options;
    for (let attempt = 1; ; attempt++) {
      const raw = await repository.call('GET /pulls/{pull_number}', {
        pull_number: number,
      });
      if (raw.state !== 'open' || raw.mergeable !== null || attempt === 4)
        return raw;
      await repository.wait(attempt / 2);
    }
  }

  /** The request when it is open; ConflictError when it is over. */
  async opened(number: number): Promise<any> {
    const raw = await this.raw(number);
    if (raw.state === 'open') return raw;
    throw new ConflictError(
      `Request ${number} is ${raw.merged_at ? 'merged' : 'closed'}.`,
      'conflict',
    );
  }

  /** The text of a request and what the portal put beside it. */
  async wordsOf(raw: any): Promise<{ text: string; marker?: Marker }> {
    return readBody(raw.body, raw.user?.login === (await this.login()));
  }

  /** Of a list, `base` is the commit of the main branch that GitHub compares with. */
  async summary(raw: any): Promise<PullRequest> {
    const { text, marker } = await this.wordsOf(raw);
    return {
      number: raw.number,
      ...(marker?.key ? { key: marker.key } : {}),
      title: raw.title,
      message: text,
      state: raw.merged_at ? 'merged' : raw.state,
      draft: raw.draft ?? false,
      branch: raw.head.ref,
      target: raw.base.ref,
      base: raw.base.sha,
      head: raw.head.sha,
      author: marker?.by ?? (await this.person(raw.user)),
      createdAt: raw.created_at,
      updatedAt: raw.updated_at,
      ...(raw.merged_at
        ? { mergeCommit: raw.merge_commit_sha, mergedAt: raw.merged_at }
        : {}),
      reviewers: [
        ...new Set([
          ...(marker?.reviewers ?? []),
          ...(await Promise.all(
            (raw.requested_reviewers ?? []).map((user: any) =>
              this.person(user),
            ),
          )),
        ]),
      ],
      url: raw.html_url,
    };
  }

  async detail(number: number): Promise<PullRequestDetail> {
    const raw = await this.raw(number);
    const request = await this.summary(raw);
    const commits = await this.commitsOf(number);
    const [base, files, checks, reviews, comments, mergedBy] =
      await Promise.all([
        this.mergeBase(raw),
        this.filesOf(number),
        this.checksOf(
          commits.map(({ commit }) => commit),
          request.head,
        ),
        this.reviewsOf(number),
        this.commentsOf(number),
        this.mergedBy(raw),
      ]);
    const fits = raw.state === 'open' ? raw.mergeable ?? undefined : undefined;
    return {
      ...request,
      base,
      ...(mergedBy ? { mergedBy } : {}),
      ...(fits === undefined ? {} : { mergeable: fits }),
      files,
      commits,
      checks,
      reviews,
      comments,
      ...(fits === false
        ? {
            conflicts: await this.conflicts(
              { base, head: request.head, target: request.target },
              files.map(file => file.path),
            ),
          }
        : {}),
    };
  }

  private login(): Promise<string> {
    return this.options.repository.login();
  }

  private async person(user: any): Promise<string> {
    if (!user) return 'ghost';
    return (await this.options.personOf(user.login)) ?? user.login;
  }

  private async mergeBase(raw: any): Promise<string> {
    const found = await this.options.repository.find(
      'GET /compare/{basehead}',
      { basehead: `${raw.base.sha}...${raw.head.sha}`, per_page: 1 },
    );
    return found?.merge_base_commit.sha ?? raw.base.sha;
  }

  private async filesOf(number: number): Promise<PullRequestDetail['files']> {
    const files = await this.options.repository.all(
      'GET /pulls/{pull_number}/files',
      { pull_number: number },
      3000,
    );
    return files.flatMap(file =>
      file.status === 'renamed'
        ? [
            toFile({
              ...file,
              filename: file.previous_filename,
              status: 'removed',
              patch: undefined,
            }),
            toFile({ ...file, status: 'added' }),
          ]
        : [toFile(file)],
    );
  }

  private async commitsOf(
    number: number,
  ): Promise<PullRequestDetail['commits']> {
    const commits = await this.options.repository.all(
      'GET /pulls/{pull_number}/commits',
      { pull_number: number },
      250,
    );
    return commits.map(item => ({
      commit: item.sha,
      title: item.commit.message.split('\n')[0],
      author: item.commit.author?.name ?? item.author?.login ?? 'ghost',
      at: item.commit.author?.date ?? '',
    }));
  }

  private async checksOf(
    commits: string[],
    head: string,
  ): Promise<PullRequestCheck[]> {
    const newest = [...new Set([...commits.slice(-checkedCommits), head])];
    const found = new Map<string, PullRequestCheck>();
    for (const commit of newest) {
      const statuses = await this.options.repository.all(
        'GET /commits/{ref}/statuses',
        { ref: commit },
      );
      // Newest first; a check of a later commit replaces that of an earlier one.
      for (const status of statuses.reverse()) {
        const check = this.toCheck(status, commit);
        found.set(check.name, check);
      }
    }
    return [...found.values()];
  }

  private toCheck(status: any, commit: string): PullRequestCheck {
    const { portalUrl } = this.options;
    const url: string | null = status.target_url;
    return {
      name: status.context.startsWith(checkPrefix)
        ? status.context.slice(checkPrefix.length)
        : status.context,
      commit,
      state: states[status.state] ?? 'failed',
      message: status.description ?? '',
      ...(url
        ? {
            logUrl:
              portalUrl && url.startsWith(`${portalUrl}/`)
                ? url.slice(portalUrl.length)
                : url,
          }
        : {}),
      updatedAt: status.updated_at,
    };
  }

  private async reviewsOf(number: number): Promise<PullRequestReview[]> {
    const login = await this.login();
    const reviews = await this.options.repository.all(
      'GET /pulls/{pull_number}/reviews',
      { pull_number: number },
    );
    const found = await Promise.all(
      reviews.map(async review => {
        const { text, marker } = readBody(
          review.body,
          review.user?.login === login,
        );
        const verdict = (marker?.verdict ?? verdicts[review.state]) as
          | ReviewVerdict
          | undefined;
        // What somebody is still writing, and what was taken back.
        if (!verdict || !review.submitted_at) return [];
        return [
          {
            by: marker?.by ?? (await this.person(review.user)),
            verdict,
            ...(text ? { comment: text } : {}),
            commit: review.commit_id ?? '',
            at: review.submitted_at as string,
          },
        ];
      }),
    );
    return found.flat();
  }

  private async commentsOf(number: number): Promise<PullRequestComment[]> {
    const login = await this.login();
    const comments = await this.options.repository.all(
      'GET /issues/{issue_number}/comments',
      { issue_number: number },
    );
    return Promise.all(
      comments.map(async comment => {
        const { text, marker } = readBody(
          comment.body,
          comment.user?.login === login,
        );
        return {
          by: marker?.by ?? (await this.person(comment.user)),
          text,
          at: comment.created_at,
        };
      }),
    );
  }

  private async mergedBy(raw: any): Promise<string | undefined> {
    if (!raw.merged_at) return undefined;
    if (raw.merged_by?.login === (await this.login())) {
      const commit = await this.options.repository.find(
        'GET /git/commits/{commit_sha}',
        { commit_sha: raw.merge_commit_sha },
      );
      const by = commit && mergedByOf(commit.message);
      if (by) return by;
    }
    return this.person(raw.merged_by);
  }

  private async conflicts(
    at: { base: string; head: string; target: string },
    paths: string[],
  ): Promise<ConflictHunk[]> {
    const { commits } = this.options;
    const hunks: ConflictHunk[] = [];
    for (const path of paths.slice(0, conflictFiles)) {
      const [ours, base, theirs] = await Promise.all(
        [at.target, at.base, at.head].map(ref => commits.read(path, ref)),
      );
      if (ours === base || ours === theirs) continue;
      hunks.push(...(await conflictsOf({ path, ours, base, theirs })));
    }
    return hunks;
  }
}

function toFile(file: any): PullRequestDetail['files'][number] {
  const status =
    file.status === 'added'
      ? 'added'
      : file.status === 'removed'
      ? 'deleted'
      : 'modified';
  const name: string = file.filename;
  const patch: string | undefined = file.patch;
  const tooLong = patch !== undefined && patch.length > patchLimit;
  // GitHub leaves out the text of what is large or no text.
  const cut = tooLong || (patch === undefined && file.changes > 0);
  return {
    path: name,
    status,
    diff:
      patch === undefined || tooLong
        ? ''
        : [
            `diff --git a/${name} b/${name}`,
            `--- ${status === 'added' ? '/dev/null' : `a/${name}`}`,
            `+++ ${status === 'deleted' ? '/dev/null' : `b/${name}`}`,
            patch,
            '',
          ].join('\n'),
    ...(cut ? { truncated: true } : {}),
  };
}
