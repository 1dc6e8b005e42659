/*
 * Pull requests on GitHub. One user of GitHub acts for all people of the portal, so every text names its person (`words.ts`), commits
 * are written in their names, and a verdict on a request that the portal itself opened is kept as a comment: GitHub lets nobody
 * approve their own. Rebase is GitHub's "update branch": it merges the main branch, so commits that were looked at keep their ids.
 */
import {
  ConflictError,
  InputError,
  type HostActor,
  type MergeMethod,
  type OpenPullRequest,
  type PullRequest,
  type PullRequestCheck,
  type PullRequestDetail,
  type PullRequestHost,
  type ReviewVerdict,
} from '@backstage-mlops/mlops-core';
import { GithubCommits } from './GithubCommits';
import { GithubConversation } from './GithubConversation';
import { GithubLists } from './GithubLists';
import { branchPrefix, GithubOpenings } from './GithubOpenings';
import { checkPrefix, GithubReader } from './GithubReader';
import type { GithubRepository } from './GithubRepository';
import { oneLine } from './oneLine';
import { mergeTrailers, plain, toBody } from './words';

export interface GithubPullRequestHostOptions {
  repository: GithubRepository;
  owner: string;
  /** The branch that changes go to. */
  branch: string;
  /** Reference of a person by what GitHub calls them. */
  personOf?(login: string): Promise<string | undefined>;
  /** Address of the portal, for logs of checks. */
  portalUrl?: string;
  now?(): Date;
}

const statusStates = {
  pending: 'pending',
  passed: 'success',
  failed: 'failure',
};
const descriptionLimit = 140;

export class GithubPullRequestHost implements PullRequestHost {
  private readonly repository: GithubRepository;
  private readonly commits: GithubCommits;
  private readonly reader: GithubReader;
  private readonly openings: GithubOpenings;
  private readonly conversation: GithubConversation;
  private readonly lists: GithubLists;

  constructor(private readonly options: GithubPullRequestHostOptions) {
    this.repository = options.repository;
    this.commits = new GithubCommits(options.repository);
    this.reader = new GithubReader({
      repository: options.repository,
      commits: this.commits,
      personOf: options.personOf ?? (async () => undefined),
      portalUrl: options.portalUrl,
    });
    const { repository, commits, reader } = this;
    const { owner, branch } = options;
    this.openings = new GithubOpenings({
      repository,
      commits,
      reader,
      owner,
      branch,
      now: () => this.now(),
    });
    this.conversation = new GithubConversation(repository, reader);
    this.lists = new GithubLists(repository, reader, branch);
  }

  async open(request: OpenPullRequest): Promise<PullRequestDetail> {
    return this.get(await this.openings.open(request));
  }

  async update(
    number: number,
    change: Parameters<PullRequestHost['update']>[1],
  ): Promise<PullRequestDetail> {
    const raw = await this.reader.opened(number);
    if (change.head !== undefined) checkHead(raw, change.head);
    if (change.files)
      await this.addCommit(raw, {
        ...change,
        files: change.files,
        commitTitle: oneLine(change.commitTitle ?? '', 'commitTitle'),
      });
    await this.setWords(raw, change);
    if (change.draft !== undefined && change.draft !== raw.draft)
      await this.setDraft(raw.node_id, change.draft);
    return this.get(number);
  }

  list(query: {
    state?: PullRequest['state'];
    limit: number;
    cursor?: string;
  }): Promise<{ items: PullRequest[]; nextCursor?: string }> {
    return this.lists.list(query);
  }

  get(number: number): Promise<PullRequestDetail> {
    return this.reader.detail(number);
  }

  async comment(
    number: number,
    words: { by: HostActor; text: string },
  ): Promise<PullRequestDetail> {
    await this.conversation.comment(number, words);
    return this.get(number);
  }

  async review(
    number: number,
    review: { by: HostActor; verdict: ReviewVerdict; comment?: string },
  ): Promise<PullRequestDetail> {
    await this.conversation.review(number, review);
    return this.get(number);
  }

  async setCheck(
    number: number,
    check: Omit<PullRequestCheck, 'updatedAt'>,
  ): Promise<void> {
    await this.reader.raw(number);
    const { logUrl } = check;
    const log = logUrl?.startsWith('/')
      ? this.options.portalUrl && `${this.options.portalUrl}${logUrl}`
      : logUrl;
    await this.repository.call('POST /statuses/{sha}', {
      sha: check.commit,
      state: statusStates[check.state],
      context: `${checkPrefix}${check.name}`,
      description: shortened(check.message),
      ...(log ? { target_url: log } : {}),
    });
  }

  async merge(
    number: number,
    options: { by: HostActor; method: MergeMethod; head: string },
  ): Promise<PullRequestDetail> {
    const raw = await this.reader.opened(number);
    checkHead(raw, options.head);
    const { text } = await this.reader.wordsOf(raw);
    const title =
      options.method === 'squash'
        ? `${raw.title} (#${number})`
        : `Merge request #${number}: ${raw.title}`;
    const isMerged = async () => {
      const now = await this.reader.raw(number);
      return now.merged_at && now.head.sha === options.head ? now : undefined;
    };
    await this.repository.once(
      'PUT /pulls/{pull_number}/merge',
      {
        pull_number: number,
        sha: options.head,
        merge_method: options.method,
        commit_title: title,
        commit_message: [text, mergeTrailers(number, options.by)]
          .filter(Boolean)
          .join('\n\n'),
      },
      isMerged,
    );
    await this.removeOwnBranch(raw.head.ref);
    return this.get(number);
  }

  async close(number: number, _by: HostActor): Promise<PullRequestDetail> {
    await this.reader.opened(number);
    await this.repository.call('PATCH /pulls/{pull_number}', {
      pull_number: number,
      state: 'closed',
    });
    return this.get(number);
  }

  async rebase(number: number, _by: HostActor): Promise<PullRequestDetail> {
    const raw = await this.reader.opened(number);
    const before: string = raw.head.sha;
    const { behind_by: behind } = await this.repository.call(
      'GET /compare/{basehead}',
      { basehead: `${raw.base.ref}...${before}`, per_page: 1 },
    );
    if (behind === 0) return this.get(number);
    await this.repository
      .call('PUT /pulls/{pull_number}/update-branch', {
        pull_number: number,
        expected_head_sha: before,
      })
      .catch(async error => {
        if (!(error instanceof InputError)) throw error;
        // An earlier call that got no answer may have done it.
        if ((await this.reader.raw(number)).head.sha !== before) return;
        throw new ConflictError(
          `The change does not fit the newest commit of ${raw.base.ref}. Solve it by hand and push the branch.`,
          'conflict',
        );
      });
    // GitHub answers before it has done it.
    for (let attempt = 1; attempt <= 6; attempt++) {
      if ((await this.reader.raw(number)).head.sha !== before) break;
      await this.repository.wait(attempt / 2);
    }
    return this.get(number);
  }

  looseBranches(): Promise<{ branch: string; head: string }[]> {
    return this.lists.looseBranches();
  }

  private async addCommit(
    raw: any,
    change: Parameters<PullRequestHost['update']>[1] & {
      files: NonNullable<Parameters<PullRequestHost['update']>[1]['files']>;
      commitTitle: string;
    },
  ): Promise<void> {
    const commit = await this.commits.commitFiles(raw.head.sha, change.files, {
      author: change.by,
      message: `${change.commitTitle}\n`,
      at: this.now(),
    });
    await this.commits.advance(raw.head.ref, commit);
  }

  private async setWords(
    raw: any,
    change: Parameters<PullRequestHost['update']>[1],
  ): Promise<void> {
    const { title, message, reviewers } = change;
    if (title === undefined && message === undefined && !reviewers) return;
    const { text, marker } = await this.reader.wordsOf(raw);
    const body =
      marker === undefined
        ? message
        : toBody(
            message ?? text,
            'Proposed by',
            { name: nameOf(marker.by), ref: marker.by },
            { ...marker, reviewers: reviewers ?? marker.reviewers },
          );
    await this.repository.call('PATCH /pulls/{pull_number}', {
      pull_number: raw.number,
      ...(title === undefined ? {} : { title: oneLine(title, 'title') }),
      ...(body === undefined ? {} : { body }),
    });
  }

  private setDraft(id: string, draft: boolean): Promise<void> {
    const mutation = draft
      ? 'convertPullRequestToDraft'
      : 'markPullRequestReadyForReview';
    return this.repository.graphql(
      `mutation ($id: ID!) { ${mutation}(input: { pullRequestId: $id }) { clientMutationId } }`,
      { id },
    );
  }

  // Branches that the portal made are its own to take away.
  private async removeOwnBranch(branch: string): Promise<void> {
    if (!branch.startsWith(branchPrefix)) return;
    await this.repository
      .call('DELETE /git/refs/{ref}', { ref: `heads/${branch}` })
      .catch(() => undefined);
  }

  private now(): string {
    return (this.options.now?.() ?? new Date()).toISOString();
  }
}

function checkHead(raw: any, head: string): void {
  if (raw.head.sha !== head)
    throw new ConflictError(
      `Request ${raw.number} has new commits: '${
        raw.head.ref
      }' is at ${raw.head.sha.slice(0, 12)}.`,
      'conflict',
    );
}

const shortened = (text: string) =>
  text.length > descriptionLimit
    ? `${text.slice(0, descriptionLimit - 1)}…`
    : text;

// What is shown of somebody of whom only the reference is kept.
const nameOf = (ref: string) => plain(ref.split('/').pop() ?? ref);
