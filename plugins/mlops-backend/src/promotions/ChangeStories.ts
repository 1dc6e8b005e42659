import type { ChangeSummary } from '@backstage-mlops/mlops-core';
import type { ChangeReader } from '../changes/ChangeReader';
import type { ChangeStore } from '../changes/ChangeStore';
import type { CommitStory } from './AliasHistory';

const keepMs = 2_000;
const pageSize = 100;
const mostPages = 10;

type Told = ChangeSummary & { reason?: string };

/** The requests behind commits of the main branch, and why they were made. What is merged stays known. */
export class ChangeStories {
  private readonly merged = new Map<string, CommitStory>();
  private last?: { begunAt: number; done: Promise<void> };

  constructor(
    private readonly changes: Pick<ChangeReader, 'list'>,
    private readonly store: Pick<ChangeStore, 'findAll'>,
  ) {}

  /** The request that a commit of the main branch came by; undefined when it came without one. */
  async of(commit: string): Promise<CommitStory | undefined> {
    const known = this.merged.get(commit);
    if (known) return known;
    if (!this.last || Date.now() - this.last.begunAt >= keepMs) {
      const look = { begunAt: Date.now(), done: this.look() };
      look.done.catch(() => this.last === look && this.forget());
      this.last = look;
    }
    await this.last.done;
    return this.merged.get(commit);
  }

  /** A request has changed here: what the last look did not find may be there now. */
  forget(): void {
    this.last = undefined;
  }

  /** The newest requests of a project, with why. */
  async ofProject(project: string): Promise<Told[]> {
    const { items } = await this.changes.list({ project, limit: 200 });
    return this.told(items);
  }

  private async look(): Promise<void> {
    let cursor: string | undefined;
    for (let page = 0; page < mostPages; page++) {
      const { items, nextCursor } = await this.changes.list({
        state: 'merged',
        limit: pageSize,
        cursor,
      });
      const fresh = items.filter(
        ({ mergeCommit }) => mergeCommit && !this.merged.has(mergeCommit),
      );
      for (const { mergeCommit, id, author, kind, reason } of await this.told(
        fresh,
      ))
        this.merged.set(mergeCommit!, {
          change: id,
          by: author,
          kind,
          ...(reason && { reason }),
        });
      cursor = nextCursor;
      // Newest first: behind a page that was known already is nothing new.
      if (cursor === undefined || fresh.length === 0) break;
    }
  }

  private async told(items: ChangeSummary[]): Promise<Told[]> {
    const facts = await this.store.findAll(items.map(({ id }) => Number(id)));
    return items.map(item => {
      const reason = facts.get(Number(item.id))?.promotion?.reason;
      return { ...item, ...(reason && { reason }) };
    });
  }
}
