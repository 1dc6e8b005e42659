/*
 * Moves of refs, written down before they happen. What moves a ref is noted in the row of its request first, then the ref moves by
 * compare-and-swap, then the row says so. A portal that ends in between leaves a note that the next one finishes or takes back, so
 * that it happened wholly or not at all.
 */
import type { LoggerService } from '@backstage/backend-plugin-api';
import { ConflictError } from '@backstage-mlops/mlops-core';
import { randomUUID } from 'node:crypto';
import { failpoint } from '../runs/failpoint';
import type { GitComparison } from './GitComparison';
import { RefMovedError, type GitRefs } from './GitRefs';
import type {
  PullRequestStore,
  RefOperation,
  StoredPullRequest,
} from './PullRequestStore';

const turns = 5;
// Longer than any git process of an operation may take.
const staleOperationMs = 150_000;

export class RefJournal {
  constructor(
    private readonly options: {
      store: PullRequestStore;
      refs: GitRefs;
      comparison: GitComparison;
      logger: LoggerService;
    },
  ) {}

  /** Moves a ref to what `next` makes of its present commit, row and ref together or neither. */
  async move(
    number: number,
    ref: string,
    next: (
      from: string,
    ) => Promise<{ to: string; then: Partial<StoredPullRequest> }>,
  ): Promise<void> {
    const { store, refs } = this.options;
    for (let turn = 1; ; turn++) {
      const from = await refs.find(ref);
      if (!from)
        throw new ConflictError(
          `The branch '${ref.slice(
            'refs/heads/'.length,
          )}' is not there any more.`,
          'conflict',
        );
      const { to, then } = await next(from);
      const operation = this.note(ref, { from, to, then });
      await this.beginAlone(number, operation);
      failpoint('change-operation-stored');
      try {
        if (to !== from) await refs.move(ref, to, from);
        failpoint('change-ref-moved');
        await store.finish(number, operation);
        return;
      } catch (error) {
        // Where it is not known whether the ref has moved, the note stays and is looked at again.
        if (!(error instanceof RefMovedError)) throw error;
        await store.abandon(number);
        if (turn === turns)
          throw new ConflictError(
            `The branch '${ref.slice(
              'refs/heads/'.length,
            )}' moved again and again; try later.`,
            'conflict',
          );
      }
    }
  }

  /** A row of which nothing is half done. For who is alone with it, what a portal left half done is ended first. */
  async settled(number: number, isAlone = false): Promise<StoredPullRequest> {
    const row = await this.options.store.get(number);
    if (row.operation && isAlone) await this.end(number);
    return row.operation ? this.options.store.get(number) : row;
  }

  /** Finishes or takes back what was begun longer ago than this. */
  async end(number: number, olderThanMs: number = staleOperationMs) {
    const { store, refs, comparison } = this.options;
    const row = await store.find(number);
    const operation = row?.operation;
    if (!row || !operation) return;
    if (Date.now() - operation.begunAt < olderThanMs) return;
    const present = await refs.find(operation.ref);
    const happened =
      present !== undefined &&
      (await comparison.isAncestor(operation.to, present));
    if (happened) {
      await store.finish(number, operation);
      if (operation.then.state === 'merged')
        await this.removeOwnBranch(row, row.head);
    } else if (row.state === 'opening') await store.remove(number);
    else await store.abandon(number);
  }

  /** Branches that the portal made are its own to take away; pushed ones are their author's. */
  async removeOwnBranch(
    { number, branch }: StoredPullRequest,
    head: string,
  ): Promise<void> {
    if (!branch.startsWith(`mlops/${number}-`)) return;
    await this.options.refs
      .remove(`refs/heads/${branch}`, head)
      .catch(error =>
        this.options.logger.info(`changes: ${branch} stays: ${error.message}`),
      );
  }

  /** What is written down of a move. */
  note(
    ref: string,
    move: Pick<RefOperation, 'from' | 'to' | 'then'>,
  ): RefOperation {
    return { id: randomUUID(), ref, ...move, begunAt: Date.now() };
  }

  // Another portal is at the same request for an instant at most.
  private async beginAlone(
    number: number,
    operation: RefOperation,
  ): Promise<void> {
    const { store } = this.options;
    for (let turn = 0; !(await store.begin(number, operation)); turn++) {
      if (turn === 60)
        throw new ConflictError(
          `Request ${number} is being changed by somebody else now; ask again.`,
          'conflict',
        );
      await new Promise(resolve => setTimeout(resolve, 50));
    }
  }
}
