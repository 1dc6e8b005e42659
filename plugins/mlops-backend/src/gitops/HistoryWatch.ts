/*
 * The main branch only grows. Git refuses a push that takes commits away, but who has the repository's files, or is admin of its
 * host, can do it; then people are told, and what was taken away stays to be looked at.
 */
import type { LoggerService } from '@backstage/backend-plugin-api';
import type { Knex } from 'knex';
import type { GitComparison } from '../changes/GitComparison';
import type { GitopsIndex } from './GitopsIndex';
import type { GitRepository } from './GitRepository';

const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/** A time when commits were taken away from the main branch. */
export interface Rewrite {
  branch: string;
  /** The newest commit that is not part of the branch any more. */
  lostCommit: string;
  /** Where the branch was found after. */
  commit: string;
  /** ISO 8601. */
  foundAt: string;
}

const shownDays = 30;
// A person has seen it by then, or has other ways to be told.
const attentionDays = 7;

/** A rewrite, and the files that the commits which are gone had changed. */
type KnownRewrite = Rewrite & { paths: string[] };

export class HistoryWatch {
  private known: KnownRewrite[] = [];

  constructor(
    private readonly options: {
      knex: Knex;
      index: GitopsIndex;
      repository: GitRepository;
      comparison: GitComparison;
      logger: LoggerService;
    },
  ) {}

  /** Looks now, and each time the branch moves. */
  start(): void {
    const { index, logger } = this.options;
    const look = () => {
      this.look().catch(error => logger.warn(`history: ${error.message}`));
    };
    index.on('changed', look);
    look();
  }

  /** Rewrites of the last days, newest first. */
  async list(): Promise<Rewrite[]> {
    const since = new Date(Date.now() - shownDays * 86_400_000).toISOString();
    const rows = await this.options
      .knex('mlops_rewrites')
      .where('found_at', '>', since)
      .orderBy('found_at', 'desc')
      .limit(20);
    return rows.map(row => ({
      branch: row.branch,
      lostCommit: row.lost_commit,
      commit: row.commit,
      foundAt: row.found_at,
    }));
  }

  /** Rewrites that took away what a folder had, newest first; as of the last look. */
  of(folder: string): Rewrite[] {
    return this.known
      .filter(({ paths }) => paths.some(path => path.startsWith(`${folder}/`)))
      .map(({ paths: _, ...rewrite }) => rewrite);
  }

  /** The newest of them that a person should still be told of. */
  recent(folder: string): Rewrite | undefined {
    const since = new Date(
      Date.now() - attentionDays * 86_400_000,
    ).toISOString();
    return this.of(folder).find(({ foundAt }) => foundAt > since);
  }

  /** Sentences for a person. */
  async notices(): Promise<string[]> {
    return (await this.list()).map(
      ({ branch, lostCommit, commit, foundAt }) =>
        `The history of ${branch} was rewritten before ${foundAt}: commit ${lostCommit.slice(
          0,
          12,
        )} is not part of it any more; it is at ${commit.slice(0, 12)}.`,
    );
  }

  private async look(): Promise<void> {
    await this.lookOnce();
    this.known = await Promise.all(
      (
        await this.list()
      ).map(async rewrite => ({
        ...rewrite,
        paths: await this.lostPaths(rewrite).catch(() => []),
      })),
    );
  }

  private async lostPaths({ lostCommit, commit }: Rewrite): Promise<string[]> {
    const { comparison } = this.options;
    const base = await comparison.mergeBase(lostCommit, commit);
    // Two histories that have nothing in common differ in everything.
    return comparison.paths(base ?? emptyTree, lostCommit);
  }

  private async lookOnce(): Promise<void> {
    const { knex, index, repository, comparison, logger } = this.options;
    const { branch } = index;
    // What is true now, not what this portal read last: another one may be further.
    const commit = await repository.resolve(branch);
    const at = new Date().toISOString();
    const known = await knex('mlops_branch_history').where({ branch }).first();
    if (!known) {
      await knex('mlops_branch_history')
        .insert({ branch, commit, at })
        .onConflict('branch')
        .ignore();
      return;
    }
    if (known.commit === commit) return;
    const grew = await comparison.isAncestor(known.commit, commit);
    const taken = await knex('mlops_branch_history')
      .where({ branch, commit: known.commit })
      .update({ commit, at });
    if (grew || taken === 0) return;
    await repository
      .keep(`refs/mlops/lost/${known.commit}`, known.commit)
      .catch(() => undefined);
    await knex('mlops_rewrites')
      .insert({
        branch,
        lost_commit: known.commit,
        commit,
        found_at: at,
      })
      .onConflict(['branch', 'lost_commit', 'commit'])
      .ignore();
    logger.warn(
      `history: ${branch} was rewritten; ${known.commit} is not part of it any more`,
    );
  }
}
