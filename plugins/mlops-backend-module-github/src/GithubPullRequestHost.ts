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
import { createHash, randomUUID } from 'node:crypto';
import { GithubCommits } from './GithubCommits';
import { checkPrefix, GithubReader } from './GithubReader';
import type { GithubRepository } from './GithubRepository';
import { mergeTrailers, plain, readBody, toBody, type Marker } from './words';

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

const says: Record<ReviewVerdict, string> = {
  approved: 'Approved by',
  'changes-requested': 'Changes requested by',
  commented: 'Reviewed by',
};
const events: Record<ReviewVerdict, string> = {
  approved: 'APPROVE',
  'changes-requested': 'REQUEST_CHANGES',
  commented: 'COMMENT',
};
const statusStates = {
  pending: 'pending',
  passed: 'success',
  failed: 'failure',
};
const descriptionLimit = 140;
const titleLimit = 250;

export class GithubPullRequestHost implements PullRequestHost {
  private readonly repository: GithubRepository;
  private readonly commits: GithubCommits;
  private readonly reader: GithubReader;

  constructor(private readonly options: GithubPullRequestHostOptions) {
    this.repository = options.repository;
    this.commits = new GithubCommits(options.repository);
    this.reader = new GithubReader({
      repository: options.repository,
      commits: this.commits,
      personOf: options.personOf ?? (async () => undefined),
      portalUrl: options.portalUrl,
    });
  }

  async open(request: OpenPullRequest): Promise<PullRequestDetail> {
    const title = oneLine(request.title, 'title');
    const own = ownBranch(title, request.key);
    const known = request.key && (await this.findByKey(request.key, own));
    if (known) return this.get(known);
    const branch =
      'branch' in request
        ? await this.pushedBranch(request.branch)
        : await this.branchOf(request, title, own);
    const marker = {
      by: request.by.ref,
      key: request.key,
      reviewers: request.reviewers ?? [],
    };
    const created = await this.repository
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
    return this.get(created.number);
  }

  async update(
    number: number,
    change: Parameters<PullRequestHost['update']>[1],
  ): Promise<PullRequestDetail> {
    const raw = await this.opened(number);
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

  async list(query: {
    state?: PullRequest['state'];
    limit: number;
    cursor?: string;
  }): Promise<{ items: PullRequest[]; nextCursor?: string }> {
    const from = readCursor(query.cursor);
    const found: { raw: any; page: number }[] = [];
    for (
      let page = from.page, next = true;
      next && found.length <= query.limit;
      page++
    ) {
      const answer = await this.repository.page(
        'GET /pulls',
        {
          state: stateOf(query.state),
          base: this.options.branch,
          sort: 'created',
          direction: 'desc',
        },
        page,
      );
      next = answer.next;
      for (const raw of answer.data)
        if (raw.number < from.before && isIn(raw, query.state))
          found.push({ raw, page });
    }
    const shown = found.slice(0, query.limit);
    const last = shown.at(-1);
    return {
      items: await Promise.all(
        shown.map(({ raw }) => this.reader.summary(raw)),
      ),
      ...(last && found.length > query.limit
        ? { nextCursor: `${last.page}.${last.raw.number}` }
        : {}),
    };
  }

  get(number: number): Promise<PullRequestDetail> {
    return this.reader.detail(number);
  }

  async comment(
    number: number,
    { by, text }: { by: HostActor; text: string },
  ): Promise<PullRequestDetail> {
    if (text.trim() === '')
      throw new InputError('comment must not be empty.', 'invalid-field');
    await this.reader.raw(number);
    const marker = { by: by.ref, id: randomUUID() };
    await this.repository.once(
      'POST /issues/{issue_number}/comments',
      { issue_number: number, body: toBody(text, 'Said by', by, marker) },
      () => this.said('GET /issues/{issue_number}/comments', number, marker),
    );
    return this.get(number);
  }

  async review(
    number: number,
    review: { by: HostActor; verdict: ReviewVerdict; comment?: string },
  ): Promise<PullRequestDetail> {
    const raw = await this.opened(number);
    const { author } = await this.reader.summary(raw);
    if (review.verdict === 'approved' && review.by.ref === author)
      throw new InputError(
        'The author of a request cannot approve it.',
        'invalid-field',
      );
    const { by, verdict } = review;
    const marker = { by: by.ref, id: randomUUID(), verdict };
    const isOurs = raw.user?.login === (await this.repository.login());
    await this.repository.once(
      'POST /pulls/{pull_number}/reviews',
      {
        pull_number: number,
        commit_id: raw.head.sha,
        event: isOurs ? 'COMMENT' : events[verdict],
        body: toBody(review.comment ?? '', says[verdict], by, marker),
      },
      () => this.said('GET /pulls/{pull_number}/reviews', number, marker),
    );
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
    const raw = await this.opened(number);
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
    await this.opened(number);
    await this.repository.call('PATCH /pulls/{pull_number}', {
      pull_number: number,
      state: 'closed',
    });
    return this.get(number);
  }

  async rebase(number: number, _by: HostActor): Promise<PullRequestDetail> {
    const raw = await this.opened(number);
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

  async looseBranches(): Promise<{ branch: string; head: string }[]> {
    const [branches, requests] = await Promise.all([
      this.repository.all('GET /branches'),
      this.repository.all('GET /pulls', {
        state: 'all',
        sort: 'updated',
        direction: 'desc',
      }),
    ]);
    const taken = new Set(
      requests.map(({ state, head }) =>
        state === 'open' ? head.ref : `${head.ref} ${head.sha}`,
      ),
    );
    const loose = branches
      .map(({ name, commit }) => ({
        branch: name as string,
        head: commit.sha as string,
      }))
      .filter(
        ({ branch, head }) =>
          branch !== this.options.branch &&
          !taken.has(branch) &&
          !taken.has(`${branch} ${head}`),
      );
    const ahead = await Promise.all(
      loose.map(({ head }) => this.isAhead(head)),
    );
    return loose.filter((_, index) => ahead[index]);
  }

  private async isAhead(commit: string): Promise<boolean> {
    const found = await this.repository.find('GET /compare/{basehead}', {
      basehead: `${this.options.branch}...${commit}`,
      per_page: 1,
    });
    return (found?.ahead_by ?? 0) > 0;
  }

  // The request as it is; ConflictError when it is over.
  private async opened(number: number): Promise<any> {
    const raw = await this.reader.raw(number);
    if (raw.state === 'open') return raw;
    throw new ConflictError(
      `Request ${number} is ${raw.merged_at ? 'merged' : 'closed'}.`,
      'conflict',
    );
  }

  private async findByKey(
    key: string,
    branch: string,
  ): Promise<number | undefined> {
    const requests = await this.repository.all('GET /pulls', {
      state: 'all',
      head: `${this.options.owner}:${branch}`,
    });
    for (const raw of requests)
      if ((await this.reader.wordsOf(raw)).marker?.key === key)
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
    if (files.length === 0)
      throw new InputError(
        'files must hold at least one file.',
        'invalid-field',
      );
    const target = await this.commits.head(this.options.branch);
    if (!target)
      throw new ConflictError(
        `The branch '${this.options.branch}' is not there.`,
        'conflict',
      );
    if (key && (await this.commits.head(branch))) return branch;
    const changed = await this.commits.changedAmong(base, target, files);
    if (changed)
      throw new ConflictError(
        `The file '${changed}' changed on ${
          this.options.branch
        } since ${base.slice(0, 12)}; look at it again.`,
        'conflict',
      );
    const commit = await this.commits.commitFiles(target, files, {
      author: by,
      message: message ? `${title}\n\n${message}\n` : `${title}\n`,
      at: this.now(),
    });
    if (!(await this.commits.create(branch, commit)))
      throw new ConflictError(
        `There is a branch '${branch}' already.`,
        'conflict',
      );
    return branch;
  }

  private async pushedBranch(branch: string): Promise<string> {
    if (branch === this.options.branch || !(await this.commits.head(branch)))
      throw new InputError(
        `branch must be one that was pushed, and not ${
          this.options.branch
        }; '${branch.slice(0, 100)}' is not.`,
        'invalid-field',
      );
    return branch;
  }

  private async openOf(branch: string): Promise<any> {
    const [found] = await this.repository.all('GET /pulls', {
      state: 'open',
      head: `${this.options.owner}:${branch}`,
      base: this.options.branch,
    });
    return found;
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

  // Whether a text of the portal is there already, by the mark that it carries.
  private async said(
    route: string,
    number: number,
    { id }: Marker,
  ): Promise<unknown> {
    const login = await this.repository.login();
    const items = await this.repository.all(route, {
      issue_number: number,
      pull_number: number,
    });
    return items.find(
      item => readBody(item.body, item.user?.login === login).marker?.id === id,
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

const branchPrefix = 'mlops/';

// The branch that a request gets; the number is not known before there is one.
function ownBranch(title: string, key: string = randomUUID()): string {
  const slug = title
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '');
  const mark = createHash('sha256').update(key).digest('hex').slice(0, 10);
  return `${branchPrefix}${slug || 'change'}-${mark}`;
}

// eslint-disable-next-line no-control-regex
const lineBreaks = /[\u0000-\u001f\u007f\u2028\u2029]/;

function oneLine(text: string, field: string): string {
  if (lineBreaks.test(text) || text.trim() === '' || text.length > titleLimit)
    throw new InputError(
      `${field} must be one line of 1 to ${titleLimit} characters.`,
      'invalid-field',
    );
  return text;
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

const stateOf = (state?: PullRequest['state']) => {
  if (!state) return 'all';
  return state === 'open' ? 'open' : 'closed';
};

const isIn = (raw: any, state?: PullRequest['state']) =>
  state === undefined || (raw.merged_at ? 'merged' : raw.state) === state;

// Requests that were opened since move the others to later places, never to earlier ones.
function readCursor(cursor?: string): { page: number; before: number } {
  if (cursor === undefined) return { page: 1, before: Infinity };
  const [, page, before] = /^(\d{1,6})\.(\d{1,12})$/.exec(cursor) ?? [];
  if (!page)
    throw new InputError(
      `cursor must be one that a list gave, not '${cursor.slice(0, 50)}'.`,
      'invalid-field',
    );
  return { page: Number(page), before: Number(before) };
}

const shortened = (text: string) =>
  text.length > descriptionLimit
    ? `${text.slice(0, descriptionLimit - 1)}…`
    : text;

// What is shown of somebody of whom only the reference is kept.
const nameOf = (ref: string) => plain(ref.split('/').pop() ?? ref);
