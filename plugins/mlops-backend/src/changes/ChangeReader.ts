/*
 * Changes as they are seen: a request of the host with what the portal knows of it, what blocks it, and who wrote it; one, or a list
 * of those that a caller may see.
 */
import {
  NotFoundError,
  type Change,
  type ChangePage,
  type ChangeSummary,
  type PullRequest,
  type PullRequestDetail,
  type PullRequestHost,
} from '@backstage-mlops/mlops-core';
import { randomUUID } from 'node:crypto';
import type { GitopsIndex } from '../gitops/GitopsIndex';
import type { FoundChange } from '../permissions/ResourceFinder';
import type { ChangeContext, MergeRule } from './ChangeCheck';
import type { ChangeFacts, ChangeStore } from './ChangeStore';
import { projectOf, readContext } from './ContextReader';
import type { GitComparison } from './GitComparison';
import type { OwnersRule } from './mergeRules';
import { standingOf, summaryOf, toChange, type ChangeCaller } from './toChange';

export interface ChangeReaderOptions {
  host: PullRequestHost;
  store: ChangeStore;
  index: GitopsIndex;
  comparison: GitComparison;
  /** Folder in the repository that holds `ml-projects`. */
  root: string;
  rules: MergeRule[];
  owners: OwnersRule;
  /** The users behind an address of git. */
  usersOf(address: string): Promise<string[]>;
  /** The run of a trial, by what its check said. */
  trialRunOf(context: {
    number: number;
    head: string;
    facts: ChangeFacts;
  }): Promise<Change['trialRun']>;
}

const pagesLimit = 50;

export class ChangeReader {
  constructor(private readonly options: ChangeReaderOptions) {}

  /** A change as the caller may see it. */
  async get(id: string, caller: ChangeCaller): Promise<Change> {
    return this.seenBy(await this.options.host.get(numberOf(id)), caller);
  }

  /** Newest first; of all projects, or of one; only what the caller may see. */
  async list(query: {
    project?: string;
    state?: PullRequest['state'];
    limit: number;
    cursor?: string;
    maySee?(summary: ChangeSummary): Promise<boolean>;
    /** Only what waits for the verdict of this person. */
    waitingFor?: { ref: string; groups: string[] };
  }): Promise<ChangePage> {
    const items: ChangeSummary[] = [];
    let { cursor } = query;
    for (let turn = 0; turn < pagesLimit; turn++) {
      const page = await this.options.host.list({
        state: query.state,
        limit: query.limit,
        cursor,
      });
      const summaries = await this.summaries(page.items);
      for (const summary of summaries) {
        if (query.project && summary.project !== query.project) continue;
        if (query.maySee && !(await query.maySee(summary))) continue;
        if (
          query.waitingFor &&
          !(await this.waitsFor(summary, query.waitingFor))
        )
          continue;
        items.push(summary);
        if (items.length < query.limit) continue;
        const more =
          page.nextCursor !== undefined || summary !== summaries.at(-1);
        return more ? { items, nextCursor: summary.id } : { items };
      }
      cursor = page.nextCursor;
      if (cursor === undefined) return { items };
    }
    return cursor === undefined ? { items } : { items, nextCursor: cursor };
  }

  // Somebody who was asked by name waits to be heard; of a group, or of owners, one person is enough.
  private async waitsFor(
    { id, state, draft, author, reviewers, base, head }: ChangeSummary,
    { ref, groups }: { ref: string; groups: string[] },
  ): Promise<boolean> {
    if (state !== 'open' || draft || author === ref) return false;
    const isNamed = reviewers.includes(ref);
    const isMeant = (refs: string[]) =>
      refs.some(item => item === ref || groups.includes(item));
    const isAsked =
      isMeant(reviewers) ||
      (await this.options.owners.required({ author, base, head })).some(
        isMeant,
      );
    if (!isAsked) return false;
    const detail = await this.options.host.get(Number(id));
    const said = detail.reviews.filter(
      review => review.commit === head && review.verdict !== 'commented',
    );
    if (said.some(review => review.by === ref)) return false;
    if (!isNamed && said.length > 0) return false;
    return !(await this.writersOf(detail)).includes(ref);
  }

  /** What rules of a policy look at; undefined when there is no such change. */
  async findResource(id: string): Promise<FoundChange | undefined> {
    if (!/^[1-9]\d{0,9}$/.test(id)) return undefined;
    const detail = await this.options.host.get(Number(id)).catch(error => {
      if (error?.name === 'NotFoundError') return undefined;
      throw error;
    });
    return detail && this.foundOf(detail);
  }

  /** A request of the host as rules of a policy see it. */
  async foundOf(detail: PullRequestDetail): Promise<FoundChange> {
    const { project, kind } = await this.factsOf(detail);
    return {
      id: String(detail.number),
      kind,
      project,
      authors: await this.writersOf(detail),
      reviewers: detail.reviewers,
      standing: standingOf(detail),
    };
  }

  /** Branches that were pushed and have no request. */
  looseBranches(): Promise<{ branch: string; head: string }[]> {
    return this.options.host.looseBranches();
  }

  /** The trial run of the present head, and what the change is about. */
  async trialOf(
    id: string,
  ): Promise<{ trial: Change['trialRun']; context: ChangeContext }> {
    const detail = await this.options.host.get(numberOf(id));
    const facts = await this.factsOf(detail);
    const { number, head } = detail;
    return {
      trial: await this.options.trialRunOf({ number, head, facts }),
      context: await this.contextOf(detail, { by: detail.author }),
    };
  }

  /** What is known of a request beside its host; of one that was opened there by hand, what its files tell. */
  async factsOf(request: PullRequest): Promise<ChangeFacts> {
    const { store, host, root } = this.options;
    const known = await store.findByNumber(request.number);
    if (known) return known;
    const { files } = await host.get(request.number);
    const facts: ChangeFacts = {
      key: request.key ?? randomUUID(),
      number: request.number,
      project: projectOf(files, root) ?? '',
      kind: 'change',
      createdBy: request.author,
      createdAt: request.createdAt,
    };
    await store.add(facts);
    await store.opened(facts.key, request.number);
    return (await store.findByNumber(request.number)) ?? facts;
  }

  /** Every reason why a change cannot be merged now. */
  async blockedBy(context: ChangeContext): Promise<string[]> {
    if (context.change.state !== 'open') return [];
    const found = await Promise.all(
      this.options.rules.map(rule => rule.blockedBy(context)),
    );
    return found.flat();
  }

  /** A change as rules see it. */
  async contextOf(
    detail: PullRequestDetail,
    more: Parameters<typeof readContext>[3],
  ): Promise<ChangeContext> {
    return readContext(
      detail,
      await this.factsOf(detail),
      this.options.index,
      more,
    );
  }

  /**
   * Everybody who proposed a request or wrote a commit of it: by what the portal wrote itself, and by the addresses that git has of
   * what was pushed. Unless it must be sure, it goes without what catalog or git do not say now.
   */
  async writersOf(
    { number, author, base, head }: PullRequestDetail,
    mustBeSure = false,
  ): Promise<string[]> {
    const { store, comparison, usersOf } = this.options;
    const byAddress = async () => {
      const addresses = await comparison.addresses(base, head);
      return (await Promise.all(addresses.map(usersOf))).flat();
    };
    const [own, pushed] = await Promise.all([
      store.writers(number),
      byAddress().catch(error => {
        if (mustBeSure) throw error;
        return [];
      }),
    ]);
    return [...new Set([author, ...own, ...pushed])];
  }

  /** A request of the host as the caller sees it. */
  async seenBy(
    detail: PullRequestDetail,
    caller: ChangeCaller,
  ): Promise<Change> {
    const { index, comparison, owners } = this.options;
    const facts = await this.factsOf(detail);
    const writers = await this.writersOf(detail);
    const context = await readContext(detail, facts, index, {
      by: caller.ref,
      writers,
      mergesEverywhere: caller.mergesEverywhere,
    });
    const [blockedBy, required, trialRun, live] = await Promise.all([
      this.blockedBy(context),
      owners.required(detail),
      this.options.trialRunOf({
        number: detail.number,
        head: detail.head,
        facts,
      }),
      detail.mergeCommit && index.commit
        ? comparison.isAncestor(detail.mergeCommit, index.commit)
        : false,
    ]);
    return toChange(detail, {
      facts,
      blockedBy,
      owners: required,
      trialRun,
      live,
      writers,
      caller,
    });
  }

  private async summaries(items: PullRequest[]): Promise<ChangeSummary[]> {
    const { store } = this.options;
    const numbers = items.map(item => item.number);
    const states = await store.checkStates(numbers);
    const known = await store.findAll(numbers);
    return Promise.all(
      items.map(async item =>
        summaryOf(
          item,
          known.get(item.number) ?? (await this.factsOf(item)),
          states
            .filter(
              ({ number, commit }) =>
                number === item.number && commit === item.head,
            )
            .map(check => check.state),
        ),
      ),
    );
  }
}

/** The number of a change by its id; NotFoundError when it can be none. */
export function numberOf(id: string): number {
  if (!/^[1-9]\d{0,9}$/.test(id))
    throw new NotFoundError(
      `There is no change '${id.slice(0, 100)}'.`,
      'not-found',
    );
  return Number(id);
}
