/** What a person says of a pull request. @public */
export type ReviewVerdict = 'approved' | 'changes-requested' | 'commented';

/** How commits come onto the main branch: as one of their own, or as a merge commit with two parents. @public */
export type MergeMethod = 'squash' | 'merge';

/** One file of a change: its whole new content, or `null` when it is removed. @public */
export interface FileContent {
  /** Path in the repository. */
  path: string;
  content: string | Uint8Array | null;
}

/** A check of one commit of a pull request. @public */
export interface PullRequestCheck {
  /** Unique in the pull request, as `files` or `project tests`. */
  name: string;
  /** The commit that was checked; a check of an older head says nothing about the present one. */
  commit: string;
  state: 'pending' | 'passed' | 'failed';
  /** One sentence for a person. */
  message: string;
  /** Where the log is read; a path of the portal or an address. */
  logUrl?: string;
  /** ISO 8601. */
  updatedAt: string;
}

/** @public */
export interface PullRequestReview {
  /** Entity reference of the person, as `user:default/jen`; what the host calls them where the portal knows none. */
  by: string;
  verdict: ReviewVerdict;
  comment?: string;
  /** The head that was looked at. */
  commit: string;
  /** ISO 8601. */
  at: string;
}

/** @public */
export interface PullRequestComment {
  by: string;
  text: string;
  /** ISO 8601. */
  at: string;
}

/** Lines that two sides changed differently. @public */
export interface ConflictHunk {
  path: string;
  /** First line in the file as git would write it with markers, from 1. */
  line: number;
  /** Lines of the branch that the change goes to. */
  ours: string[];
  /** Lines that both began from. */
  base: string[];
  /** Lines of the change. */
  theirs: string[];
}

/** Two branches and what people and checks say of them, as any host of git knows it. @public */
export interface PullRequest {
  number: number;
  /** The key that it was opened with; a host that cannot keep one leaves it out. */
  key?: string;
  title: string;
  message: string;
  state: 'open' | 'merged' | 'closed';
  draft: boolean;
  /** The branch with the change. */
  branch: string;
  /** The branch that it goes to. */
  target: string;
  /** Commit where the two part (the merge base). */
  base: string;
  /** Newest commit of the branch; of a merged one, the last that it had. */
  head: string;
  author: string;
  /** ISO 8601. */
  createdAt: string;
  /** ISO 8601. */
  updatedAt: string;
  mergeCommit?: string;
  mergedBy?: string;
  /** ISO 8601. */
  mergedAt?: string;
  /** Who was asked to look at it. */
  reviewers: string[];
  /** Whether git can merge it; undefined while the host does not know yet. */
  mergeable?: boolean;
  /** An address at the host that a browser opens; absent where the portal itself is the host. */
  url?: string;
}

/** With all that belongs to it. @public */
export interface PullRequestDetail extends PullRequest {
  /** Against the merge base; `diff` is a unified diff, cut at the host's limit, empty for binary files. */
  files: {
    path: string;
    status: 'added' | 'modified' | 'deleted';
    diff: string;
    truncated?: boolean;
  }[];
  /** Oldest first. */
  commits: { commit: string; title: string; author: string; at: string }[];
  /** Of the present head, and older ones that were not run again. */
  checks: PullRequestCheck[];
  /** Oldest first. */
  reviews: PullRequestReview[];
  comments: PullRequestComment[];
  /** Present when git cannot merge it. */
  conflicts?: ConflictHunk[];
}

/** A person who does something at the host. @public */
export interface HostActor {
  /** Entity reference. */
  ref: string;
  /** For the author line of a commit. */
  name: string;
  email: string;
}

/** What a new pull request is made of: files on a fresh branch, or a branch that somebody pushed. @public */
export type OpenPullRequest = {
  /** The same key opens the same pull request, however often it is asked for: the answer of a first call may have been lost. */
  key?: string;
  title: string;
  message?: string;
  draft?: boolean;
  reviewers?: string[];
  by: HostActor;
} & (
  | {
      files: FileContent[];
      /** The commit of the target that the files were made from; ConflictError when a file changed since. */
      base: string;
    }
  | { branch: string }
);

/**
 * Where changes are proposed, looked at and merged. Every method answers with what is true after it; a fault leaves nothing half
 * done, and a call that is repeated after a fault does not do the work twice. Errors: NotFoundError, InputError, ConflictError of
 * this package.
 *
 * @public
 */
export interface PullRequestHost {
  open(request: OpenPullRequest): Promise<PullRequestDetail>;
  /** Another commit on the branch, or other words. ConflictError when `head` is not the newest commit any more. */
  update(
    number: number,
    change: {
      by: HostActor;
      title?: string;
      message?: string;
      draft?: boolean;
      reviewers?: string[];
      files?: FileContent[];
      /** Title of the commit; needed with `files`. */
      commitTitle?: string;
      head?: string;
    },
  ): Promise<PullRequestDetail>;
  /** Newest first. */
  list(query: {
    state?: PullRequest['state'];
    limit: number;
    cursor?: string;
  }): Promise<{ items: PullRequest[]; nextCursor?: string }>;
  get(number: number): Promise<PullRequestDetail>;
  comment(
    number: number,
    comment: { by: HostActor; text: string },
  ): Promise<PullRequestDetail>;
  review(
    number: number,
    review: { by: HostActor; verdict: ReviewVerdict; comment?: string },
  ): Promise<PullRequestDetail>;
  setCheck(
    number: number,
    check: Omit<PullRequestCheck, 'updatedAt'>,
  ): Promise<void>;
  /** ConflictError when `head` is not the newest commit, when it cannot be merged, or when it is no longer open. */
  merge(
    number: number,
    options: { by: HostActor; method: MergeMethod; head: string },
  ): Promise<PullRequestDetail>;
  close(number: number, by: HostActor): Promise<PullRequestDetail>;
  /** Puts the branch onto the newest commit of the target. ConflictError, with hunks in `get`, when it cannot. */
  rebase(number: number, by: HostActor): Promise<PullRequestDetail>;
  /** Branches that were pushed and have no open pull request. */
  looseBranches(): Promise<{ branch: string; head: string }[]>;
}
