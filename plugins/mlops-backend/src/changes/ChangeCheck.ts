import type {
  ChangeKind,
  ChangeRequest,
  PullRequestDetail,
  ReadProject,
} from '@backstage-mlops/mlops-core';
import type { ChangePromotion } from './ChangeStore';

/** A change at one head, and the project before and after it. */
export interface ChangeContext {
  change: PullRequestDetail;
  project: string;
  kind: ChangeKind;
  promotion?: ChangePromotion;
  trial?: ChangeRequest['trialRun'];
  /** Merge base and head. */
  base: string;
  head: string;
  /** The project at the merge base; absent where it is not there. */
  before?: ReadProject;
  /** The project on the main branch now, whose policy counts however old the branch is; absent where it is not there. */
  main?: ReadProject;
  /** The project at the head; absent where the change removes it. */
  after?: ReadProject;
  /** Entity reference of who proposed it, or, for a rule, of who merges it. */
  by: string;
  /** Everybody who proposed it or wrote a commit of it, as far as git's addresses tell who they are. */
  writers: string[];
  /** Of a rule: whether who merges it may merge in every project. */
  mergesEverywhere?: boolean;
  /** Of a check: 1 for the first time, one more each time it is run again. */
  attempt: number;
}

/** What a look at a check gave. */
export interface CheckResult {
  state: 'passed' | 'failed' | 'pending';
  /** One sentence for a person. */
  message: string;
  logUrl?: string;
}

/**
 * One check of every head of a change. `run` is called again and again while it answers `pending`, also by another portal after
 * this one ended, so it looks at work that goes on elsewhere and begins it at most once.
 */
export interface ChangeCheck {
  name: string;
  applies(context: ChangeContext): Promise<boolean>;
  run(context: ChangeContext): Promise<CheckResult>;
  /** Ends what was begun for a head that nobody asks about any more. */
  abandon?(row: {
    number: number;
    commit: string;
    attempt: number;
  }): Promise<void>;
}

/** A reason why a change cannot be merged; asked again at the merge. */
export interface MergeRule {
  /** Sentences for a person; empty when nothing is in the way. */
  blockedBy(context: ChangeContext): Promise<string[]>;
}
