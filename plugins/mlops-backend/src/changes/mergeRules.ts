/* What keeps a change from being merged, apart from gates: its state, its checks, its reviewers. Pure but for the owners' file. */
import type {
  PullRequestDetail,
  PullRequestReview,
} from '@backstage-mlops/mlops-core';
import type { ChangeContext, MergeRule } from './ChangeCheck';
import type { ChangeStore } from './ChangeStore';
import {
  codeOwnersPlaces,
  ownersOf,
  parseCodeOwners,
  type OwnersLine,
} from './codeOwners';
import type { GitComparison } from './GitComparison';

const listed = (names: string[]) =>
  names.length < 2
    ? names.join('')
    : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;

/** The newest word of each person that was no mere comment. */
export function standingReviews(
  reviews: PullRequestReview[],
): PullRequestReview[] {
  const last = new Map<string, PullRequestReview>();
  for (const review of reviews)
    if (review.verdict !== 'commented') last.set(review.by, review);
  return [...last.values()];
}

/** People who approved the present head. */
export const approversOf = ({ reviews, head }: PullRequestDetail): string[] =>
  standingReviews(reviews)
    .filter(({ verdict, commit }) => verdict === 'approved' && commit === head)
    .map(review => review.by);

/** A draft, or one that git cannot merge. */
export const stateRule: MergeRule = {
  async blockedBy({ change }) {
    const files = [
      ...new Set((change.conflicts ?? []).map(hunk => hunk.path)),
    ].slice(0, 5);
    return [
      ...(change.draft ? ['It is a draft.'] : []),
      ...(change.mergeable === false
        ? [
            `It does not fit ${change.target}${
              files.length > 0 ? `: ${files.join(', ')}` : ''
            }.`,
          ]
        : []),
    ];
  },
};

/** Checks of the present head that failed, go on, or are missing. */
export const checksRule: MergeRule = {
  async blockedBy({ change, before, after, main = before }) {
    const present = change.checks.filter(check => check.commit === change.head);
    // A project that goes has nothing left to be checked.
    const required = after && [
      ...(main?.project?.spec.policy?.requiredChecks ?? []),
      ...(after.project?.spec.policy?.requiredChecks ?? []),
    ];
    const missing = [...new Set(required ?? [])].filter(
      name => !present.some(check => check.name === name),
    );
    return [
      ...(present.length === 0
        ? ['Its checks have not begun for the newest commit.']
        : []),
      ...present.flatMap(({ name, state, message }) =>
        state === 'passed'
          ? []
          : [
              state === 'failed'
                ? `The check '${name}' failed: ${message}`
                : `The check '${name}' goes on.`,
            ],
      ),
      ...missing.map(
        name =>
          `The check '${name}', which mlproject.yaml asks for, is missing.`,
      ),
    ];
  },
};

/** Somebody asked for changes and has not approved since. */
export const reviewsRule: MergeRule = {
  async blockedBy({ change }) {
    return standingReviews(change.reviews)
      .filter(review => review.verdict === 'changes-requested')
      .map(review => `${review.by} asks for changes.`);
  },
};

/** Where the project's policy asks for four eyes: another person than those who wrote it approved the newest commit. */
export const fourEyesRule: MergeRule = {
  async blockedBy({ change, before, after, main = before, writers }) {
    // A request that takes the policy away is held to it all the same.
    const asked = [main, after].some(
      read => read?.project?.spec.policy?.fourEyes,
    );
    const approved = approversOf(change).some(by => !writers.includes(by));
    return asked && !approved
      ? [
          'Another person than those who wrote it has to approve it (four eyes).',
        ]
      : [];
  },
};

/** Owners by CODEOWNERS of the branch that the change goes to, as it is now: a branch that is older than a rule is held to it too. */
export class OwnersRule implements MergeRule {
  private readonly known = new Map<string, Promise<OwnersLine[]>>();

  constructor(
    private readonly options: {
      store: ChangeStore;
      comparison: GitComparison;
      /** Newest commit of the branch that changes go to. */
      main(): string | undefined;
    },
  ) {}

  /** Groups of owners of the changed files; one of each has to approve. */
  async required(
    change: Pick<PullRequestDetail, 'author' | 'base' | 'head'> &
      Partial<Pick<PullRequestDetail, 'files' | 'state'>>,
  ): Promise<string[][]> {
    const { author, base, head, files = [], state = 'open' } = change;
    const paths = await this.options.comparison
      .paths(base, head)
      .catch(() => files.map(({ path }) => path));
    // What is over was judged by what stood there then.
    const rules = state === 'open' ? this.options.main() : undefined;
    const lines = await this.linesAt(rules ?? base);
    const groups = new Map<string, string[]>();
    for (const path of paths) {
      const owners = ownersOf(lines, path);
      // An author who alone owns a file has nobody to ask.
      if (owners.length === 0 || owners.join() === author) continue;
      groups.set([...owners].sort().join(), owners);
    }
    return [...groups.values()];
  }

  async blockedBy({ change, writers }: ChangeContext): Promise<string[]> {
    const required = await this.required(change);
    if (required.length === 0) return [];
    const groups = await this.options.store.groups(change.number);
    const spoken = new Set(
      approversOf(change)
        .filter(by => !writers.includes(by))
        .flatMap(by => [by, ...(groups.get(by) ?? [])]),
    );
    const older = standingReviews(change.reviews).some(
      ({ verdict, commit }) => verdict === 'approved' && commit !== change.head,
    );
    return required
      .filter(owners => !owners.some(owner => spoken.has(owner)))
      .map(
        owners =>
          `It needs the approval of ${listed(owners)} (CODEOWNERS)${
            older ? '; an approval that it has is of an older commit' : ''
          }.`,
      );
  }

  private linesAt(commit: string): Promise<OwnersLine[]> {
    const known = this.known.get(commit);
    if (known) return known;
    const lines = this.read(commit);
    this.known.set(commit, lines);
    lines.catch(() => this.known.delete(commit));
    if (this.known.size > 50)
      this.known.delete(this.known.keys().next().value!);
    return lines;
  }

  private async read(commit: string): Promise<OwnersLine[]> {
    for (const place of codeOwnersPlaces) {
      const text = await this.options.comparison.text(commit, place);
      if (text !== undefined) return parseCodeOwners(text);
    }
    return [];
  }
}
