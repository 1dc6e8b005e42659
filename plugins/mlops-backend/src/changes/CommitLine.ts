/*
 * Commits that follow each other in a single line, read as objects. Where a branch simply stands on the commit that it goes to,
 * which is so of most requests, this says all that git would be asked for: where they part, what is new, and what a merge gives.
 */
import type { GitRepository } from '../gitops/GitRepository';
import { parseCommit, type CommitObject } from '../gitops/parseCommit';

const farthest = 50;
const commitLimitBytes = 262_144;
const keptCommits = 500;

export class CommitLine {
  private readonly known = new Map<string, Promise<CommitObject | undefined>>();

  constructor(private readonly repository: Pick<GitRepository, 'read'>) {}

  /**
   * The commits of `head` that `base` does not have, oldest first, when `head` stands on `base` in a single line of few commits;
   * undefined when it does not, or when only git can tell.
   */
  async between(
    base: string,
    head: string,
  ): Promise<CommitObject[] | undefined> {
    const line: CommitObject[] = [];
    let at = head;
    while (at !== base) {
      const commit = await this.commit(at);
      if (!commit || commit.parents.length !== 1 || line.length === farthest)
        return undefined;
      line.unshift(commit);
      at = commit.parents[0];
    }
    return line;
  }

  /** A commit; undefined when it is not there or only git can read it. */
  commit(id: string): Promise<CommitObject | undefined> {
    const known = this.known.get(id);
    if (known) return known;
    const reading = this.read(id);
    this.known.set(id, reading);
    const forget = () => this.known.delete(id);
    // One that is not there may come.
    reading.then(found => found ?? forget(), forget);
    if (this.known.size > keptCommits)
      this.known.delete(this.known.keys().next().value!);
    return reading;
  }

  private async read(id: string): Promise<CommitObject | undefined> {
    if (!/^[0-9a-f]{40}$/.test(id)) return undefined;
    const found = await this.repository.read(id, commitLimitBytes);
    return found?.type === 'commit' && found.bytes
      ? parseCommit(id, found.bytes)
      : undefined;
  }
}
