/* A request of a host and what the portal knows of it, as one answer. */
import type {
  Change,
  ChangeSummary,
  PullRequest,
  PullRequestCheck,
  PullRequestDetail,
} from '@backstage-mlops/mlops-core';
import type { ChangeStanding } from '../permissions/ResourceFinder';
import type { ChangeFacts } from './ChangeStore';

/** Who looks at a change, and what their rights over it are; without rights nothing is allowed. */
export interface ChangeCaller {
  /** Entity reference. */
  ref: string;
  /** Entities that the caller speaks for, as groups. */
  groups?: string[];
  update?: boolean;
  review?: boolean;
  merge?: boolean;
  promote?: boolean;
  /** May merge in every project. */
  mergesEverywhere?: boolean;
}

/** All checks of one head together. */
export function stateOfChecks(
  states: PullRequestCheck['state'][],
): ChangeSummary['checksState'] {
  if (states.length === 0) return 'none';
  if (states.includes('failed')) return 'failed';
  return states.includes('pending') ? 'pending' : 'passed';
}

/** A change in a list. */
export function summaryOf(
  request: PullRequest,
  facts: ChangeFacts,
  states: PullRequestCheck['state'][],
): ChangeSummary {
  return {
    id: String(request.number),
    project: facts.project,
    kind: facts.kind,
    title: request.title,
    state: request.state,
    draft: request.draft,
    branch: request.branch,
    target: request.target,
    base: request.base,
    head: request.head,
    author: request.author,
    reviewers: request.reviewers,
    createdAt: request.createdAt,
    updatedAt: request.updatedAt,
    ...(request.mergeCommit ? { mergeCommit: request.mergeCommit } : {}),
    ...(request.mergedBy ? { mergedBy: request.mergedBy } : {}),
    ...(request.mergedAt ? { mergedAt: request.mergedAt } : {}),
    ...(request.url ? { url: request.url } : {}),
    checksState: stateOfChecks(states),
  };
}

/** How a request stands, for the audit log. */
export function standingOf(
  request: Pick<
    PullRequestDetail,
    'state' | 'head' | 'title' | 'draft' | 'reviewers' | 'reviews'
  > & { mergeCommit?: string },
): ChangeStanding {
  const { state, head, title, draft, reviewers, reviews, mergeCommit } =
    request;
  return {
    state,
    head,
    title,
    draft,
    reviewers,
    verdicts: Object.fromEntries(
      reviews.map(({ by, verdict }) => [by, verdict]),
    ),
    ...(mergeCommit ? { mergeCommit } : {}),
  };
}

/** A change with all that belongs to it. */
export function toChange(
  detail: PullRequestDetail,
  known: {
    facts: ChangeFacts;
    blockedBy: string[];
    /** Groups of owners by CODEOWNERS; one of each has to approve. */
    owners: string[][];
    trialRun?: Change['trialRun'];
    live: boolean;
    /** Its author, and everybody else who wrote a commit of it. */
    writers: string[];
    caller: ChangeCaller;
  },
): Change {
  const { facts, caller, blockedBy } = known;
  const isOpen = detail.state === 'open';
  const isAuthor = known.writers.includes(caller.ref);
  const requiredReviewers = [...new Set(known.owners.flat())];
  const isOwner = [caller.ref, ...(caller.groups ?? [])].some(ref =>
    requiredReviewers.includes(ref),
  );
  return {
    ...summaryOf(
      detail,
      facts,
      detail.checks
        .filter(check => check.commit === detail.head)
        .map(check => check.state),
    ),
    message: detail.message,
    files: detail.files,
    commits: detail.commits,
    checks: detail.checks,
    reviews: detail.reviews,
    comments: detail.comments,
    ...(detail.conflicts ? { conflicts: detail.conflicts } : {}),
    mergeable: isOpen && detail.mergeable !== false && blockedBy.length === 0,
    blockedBy,
    requiredReviewers,
    ...(known.trialRun ? { trialRun: known.trialRun } : {}),
    ...(facts.promotion ? { promotion: facts.promotion } : {}),
    ...(detail.state === 'merged' ? { live: known.live } : {}),
    allowed: {
      review: isOpen && Boolean(caller.review) && !isAuthor,
      merge: isOpen && Boolean(caller.merge),
      close: isOpen && Boolean(caller.update),
      update: isOpen && Boolean(caller.update),
      promote: Boolean(caller.promote),
      ...(isOpen && isOwner && !isAuthor
        ? { approveAsOwner: Boolean(caller.review) }
        : {}),
    },
  };
}
