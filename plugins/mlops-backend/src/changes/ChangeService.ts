/*
 * Proposed changes: the only room that speaks to the host of pull requests. What the portal knows of a change is written down before
 * the host is asked to open it, so that neither is ever there alone for long.
 */
import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  ConflictError,
  InputError,
  NotFoundError,
  type Change,
  type ChangeKind,
  type ChangePage,
  type ChangeRequest,
  type ChangeSummary,
  type ChangeUpdate,
  type FileContent,
  type FileEdit,
  type HostActor,
  type MergeRequest,
  type PullRequest,
  type PullRequestDetail,
  type PullRequestHost,
  type ReviewRequest,
} from '@backstage-mlops/mlops-core';
import { NotAllowedError } from '@backstage/errors';
import { createHash, randomUUID } from 'node:crypto';
import type { GitopsIndex } from '../gitops/GitopsIndex';
import type { GitRepository } from '../gitops/GitRepository';
import type { FoundChange } from '../permissions/ResourceFinder';
import { failpoint } from '../runs/failpoint';
import type { ChangeCheck, ChangeContext, MergeRule } from './ChangeCheck';
import type { ChangeFacts, ChangePromotion, ChangeStore } from './ChangeStore';
import { checkBranch, checkLine, checkText } from './checkNames';
import { CheckRunner } from './CheckRunner';
import { projectOf, readContext } from './ContextReader';
import { allowedPaths, filesAfter } from './editFiles';
import type { GitComparison } from './GitComparison';
import { trialName } from './runChecks';
import { standingOf, summaryOf, toChange, type ChangeCaller } from './toChange';
import type { OwnersRule } from './mergeRules';
import { checkBeyond } from './scopeRule';

export interface ChangeServiceOptions {
  host: PullRequestHost;
  store: ChangeStore;
  index: GitopsIndex;
  repository: GitRepository;
  comparison: GitComparison;
  /** Folder in the repository that holds `ml-projects`. */
  root: string;
  checks: ChangeCheck[];
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
  /** Tells those who look at a change. */
  publish(id: string): void;
  /** Tells those whom an open request waits for. */
  announce(change: Change): void;
  logger: LoggerService;
  everyMs: number;
  /** What the host does to end what was left half done. */
  repairHost?(): Promise<void>;
}

/** How a change is opened. */
export interface OpenChangeOptions {
  by: HostActor;
  kind?: ChangeKind;
  promotion?: ChangePromotion;
  /** What the caller sent as Idempotency-Key. */
  idempotencyKey?: string;
  /** Paths that the change may touch beside the project's own. */
  alsoAllowed?(path: string): boolean;
  /** As whom the answer is seen, with all their rights over what was opened; default: the author without any. */
  callerOf?(opened: FoundChange): Promise<ChangeCaller>;
}

const pagesLimit = 50;

export class ChangeService {
  readonly runner: CheckRunner;

  constructor(private readonly options: ChangeServiceOptions) {
    const { host, store, index, checks, logger, everyMs } = options;
    this.runner = new CheckRunner({
      host,
      store,
      index,
      checks,
      logger,
      everyMs,
      factsOf: request => this.factsOf(request),
      repair: () => this.repair(),
      onChange: number => options.publish(String(number)),
    });
  }

  /** Proposes a change. InputError names what cannot be; ConflictError when a file changed since it was read. */
  async open(
    request: ChangeRequest,
    options: OpenChangeOptions,
  ): Promise<Change> {
    const { host, store } = this.options;
    const { by } = options;
    const key = await this.keyOf(request, options);
    const { isNew, ...wish } = await this.checked(request, options);
    await store.add({
      key,
      project: request.project,
      kind: options.kind ?? (isNew ? 'project' : 'change'),
      ...(options.promotion ? { promotion: options.promotion } : {}),
      ...(request.trialRun ? { trial: request.trialRun } : {}),
      createdBy: by.ref,
      createdAt: new Date().toISOString(),
    });
    failpoint('change-asked');
    let opened: PullRequestDetail;
    try {
      opened = await host.open({ key, by, ...wish });
    } catch (error) {
      // A host that said no has opened nothing; after any other fault it is looked for.
      if (isRefusal(error)) await store.forget(key);
      throw error;
    }
    await store.opened(key, opened.number);
    failpoint('change-opened');
    return this.started(
      opened,
      (await options.callerOf?.(await this.foundOf(opened))) ?? { ref: by.ref },
    );
  }

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

  private async foundOf(detail: PullRequestDetail): Promise<FoundChange> {
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

  async update(
    id: string,
    change: ChangeUpdate,
    caller: ChangeCaller & { by: HostActor },
  ): Promise<Change> {
    const { host } = this.options;
    const number = numberOf(id);
    const words = {
      by: caller.by,
      ...(change.title === undefined
        ? {}
        : { title: checkLine(change.title, 'title', 250) }),
      ...(change.message === undefined
        ? {}
        : { message: checkText(change.message, 'message', 65_536) }),
      ...(change.draft === undefined ? {} : { draft: change.draft }),
      ...(change.reviewers ? { reviewers: change.reviewers } : {}),
    };
    const updated = change.edits
      ? await this.updateFiles(number, change.edits, {
          ...words,
          head: change.head,
        })
      : await host.update(number, { ...words, head: change.head });
    if (change.edits) await this.options.store.addWriter(number, caller.ref);
    return this.started(updated, caller);
  }

  async comment(
    id: string,
    text: string,
    caller: ChangeCaller & { by: HostActor },
  ): Promise<Change> {
    return this.seenBy(
      await this.options.host.comment(numberOf(id), { by: caller.by, text }),
      caller,
    );
  }

  /** NotAllowedError when the author approves. */
  async review(
    id: string,
    review: ReviewRequest,
    caller: ChangeCaller & { by: HostActor; groups: string[] },
  ): Promise<Change> {
    const { host, store } = this.options;
    const number = numberOf(id);
    const writers = await this.writersOf(await host.get(number), true);
    if (review.verdict === 'approved' && writers.includes(caller.ref))
      throw Object.assign(
        new NotAllowedError(
          'You proposed this change or wrote some of it; somebody else has to approve it.',
        ),
        { code: 'not-allowed' },
      );
    await store.setGroups(number, caller.ref, caller.groups);
    return this.seenBy(
      await host.review(number, { by: caller.by, ...review }),
      caller,
    );
  }

  /** ConflictError with every reason when something blocks it. */
  async merge(
    id: string,
    request: MergeRequest,
    caller: ChangeCaller & { by: HostActor },
  ): Promise<Change> {
    const { host, index } = this.options;
    const number = numberOf(id);
    const detail = await host.get(number);
    if (detail.state !== 'open')
      throw new ConflictError(`Change ${id} is ${detail.state}.`, 'conflict');
    const head = request.head ?? detail.head;
    if (head !== detail.head)
      throw new ConflictError(
        `Change ${id} has newer commits than ${head.slice(
          0,
          12,
        )}: look at ${detail.head.slice(0, 12)} first.`,
        'conflict',
      );
    const blocked = await this.blockedBy(
      await this.contextOf(detail, {
        by: caller.ref,
        writers: await this.writersOf(detail, true),
        mergesEverywhere: caller.mergesEverywhere,
      }),
    );
    if (blocked.length > 0)
      throw new ConflictError(
        `Change ${id} cannot be merged: ${blocked.join(' ')}`,
        'conflict',
      );
    const merged = await host.merge(number, {
      by: caller.by,
      method: request.method ?? 'squash',
      head,
    });
    await this.runner.drop(number);
    // What was merged is to be seen at once, not in the next look.
    await index.refresh().catch(() => undefined);
    this.options.publish(id);
    return this.seenBy(merged, caller);
  }

  async close(
    id: string,
    caller: ChangeCaller & { by: HostActor },
  ): Promise<Change> {
    const closed = await this.options.host.close(numberOf(id), caller.by);
    await this.runner.drop(closed.number);
    this.options.publish(id);
    return this.seenBy(closed, caller);
  }

  async rebase(
    id: string,
    caller: ChangeCaller & { by: HostActor },
  ): Promise<Change> {
    return this.started(
      await this.options.host.rebase(numberOf(id), caller.by),
      caller,
    );
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

  /** Runs checks of the present head again; all of them, or one. */
  async runChecks(
    id: string,
    wish: { name?: string; trialRun?: ChangeRequest['trialRun'] },
    caller: ChangeCaller,
  ): Promise<Change> {
    const { host, store } = this.options;
    const number = numberOf(id);
    const detail = await host.get(number);
    if (detail.state !== 'open')
      throw new ConflictError(`Change ${id} is ${detail.state}.`, 'conflict');
    if (wish.trialRun) {
      const facts = await this.factsOf(detail);
      await this.checkTrial(wish.trialRun, facts.project, detail.head);
      await store.setTrial(number, wish.trialRun);
    }
    await this.runner.ensure(detail);
    const present = await store.checks(number, detail.head);
    const wanted = present.filter(({ name }) =>
      wish.trialRun ? name === trialName : !wish.name || name === wish.name,
    );
    if (wish.name && !wish.trialRun && wanted.length === 0)
      throw new InputError(
        `name must be a check of this change (${present
          .map(check => check.name)
          .join(', ')}), not '${wish.name.slice(0, 100)}'.`,
        'invalid-field',
      );
    for (const { name } of wanted)
      if (await store.again(number, name, detail.head))
        await host.setCheck(number, {
          name,
          commit: detail.head,
          state: 'pending',
          message: 'Waits for its turn.',
        });
    this.runner.nudge();
    this.options.publish(id);
    return this.seenBy(await host.get(number), caller);
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
  private async writersOf(
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

  /** Ends what a portal that stopped left half done: the host's own first, then what the host was asked for. */
  private async repair(): Promise<void> {
    const { store, host, repairHost } = this.options;
    await repairHost?.();
    const waiting = (await store.unanswered()).filter(
      facts => Date.now() - Date.parse(facts.createdAt) > 10_000,
    );
    if (waiting.length === 0) return;
    const { items } = await host.list({ limit: 100 });
    for (const facts of waiting) {
      const found = items.find(item => item.key === facts.key);
      if (found) await store.opened(facts.key, found.number);
      else if (Date.now() - Date.parse(facts.createdAt) > 600_000)
        await store.forget(facts.key);
    }
  }

  private async started(
    detail: PullRequestDetail,
    caller: ChangeCaller,
  ): Promise<Change> {
    await this.runner.ensure(detail);
    this.options.publish(String(detail.number));
    const change = await this.seenBy(
      {
        ...detail,
        checks: await this.presentChecks(detail),
      },
      caller,
    );
    this.options.announce(change);
    // Whoever proposed it has the answer first: the checks take the processor from it.
    setImmediate(() => this.runner.nudge());
    return change;
  }

  private async presentChecks({
    number,
    head,
    checks,
  }: PullRequestDetail): Promise<PullRequestDetail['checks']> {
    const own = await this.options.store.checks(number, head);
    const names = new Set(own.map(check => check.name));
    return [
      ...own.map(({ number: _n, attempt: _a, ...check }) => check),
      ...checks.filter(check => !names.has(check.name)),
    ];
  }

  private async seenBy(
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
      requiredReviewers: [...new Set(required.flat())],
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

  private async keyOf(
    request: ChangeRequest,
    { by, kind, idempotencyKey }: OpenChangeOptions,
  ): Promise<string> {
    const fresh = randomUUID();
    if (idempotencyKey === undefined) return fresh;
    return this.options.store.keyFor(
      {
        caller: by.ref,
        key: idempotencyKey,
        bodyHash: createHash('sha256')
          .update(JSON.stringify([request, kind ?? 'change']))
          .digest('hex'),
      },
      fresh,
    );
  }

  /** The files that a request would bring, and the commit that they are made from. Faults are those of {@link open}. */
  async prepare(
    request: ChangeRequest,
    options: Pick<OpenChangeOptions, 'alsoAllowed'> = {},
  ): Promise<{ files: FileContent[]; base: string }> {
    const wish = await this.checked(request, options);
    if ('files' in wish) return { files: wish.files, base: wish.base };
    throw new InputError(
      'branch has no effect of its own here: give edits, or open the request of the branch.',
      'invalid-field',
    );
  }

  private async checked(
    request: ChangeRequest,
    options: Pick<OpenChangeOptions, 'alsoAllowed'>,
  ) {
    const { repository, index, root } = this.options;
    const { project } = request;
    if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(project))
      throw new InputError(
        `project must be the name of a project, not '${project.slice(
          0,
          100,
        )}'.`,
        'invalid-field',
      );
    const words = {
      title: checkLine(request.title, 'title', 250),
      message: checkText(request.message, 'message', 65_536),
      draft: request.draft ?? false,
      reviewers: request.reviewers ?? [],
    };
    if (request.branch !== undefined) {
      if (request.edits?.length)
        throw new InputError(
          'branch and edits cannot be given together.',
          'invalid-field',
        );
      await this.checkBranchScope(request.branch, project);
      if (request.trialRun)
        await this.checkTrial(request.trialRun, project, request.branch);
      return { ...words, branch: request.branch, isNew: false };
    }
    const isOwn = allowedPaths(root, project);
    const edits = request.edits ?? [];
    const base = await repository.resolve(request.base ?? index.branch);
    const isThere = await this.isThere(project, base);
    const isNew =
      !isThere &&
      Array.isArray(edits) &&
      edits.some(edit => isProjectFile(edit, project));
    if (!isThere && !isNew)
      throw new NotFoundError(`There is no project '${project}'.`, 'not-found');
    const files = await filesAfter(edits, {
      repository,
      commit: base,
      isAllowed: path => isOwn(path) || Boolean(options.alsoAllowed?.(path)),
    });
    if (request.trialRun && !isNew)
      await this.checkTrial(request.trialRun, project, base, edits);
    return { ...words, files, base, isNew };
  }

  // What is pushed later is held against the same by the rule of the merge.
  private async checkBranchScope(
    wanted: string,
    project: string,
  ): Promise<void> {
    const { comparison, repository, index, root } = this.options;
    const branch = checkBranch(wanted);
    const head = await repository.resolve(branch).catch(error => {
      // The host says that there is none, or knows more than the mirror does.
      if (error instanceof NotFoundError) return undefined;
      throw error;
    });
    const main = await repository.resolve(index.branch);
    const base = head && (await comparison.mergeBase(main, head));
    if (base === undefined || head === undefined) return;
    checkBeyond(await comparison.paths(base, head), { root, project, branch });
  }

  private async isThere(project: string, commit: string): Promise<boolean> {
    return this.options.index.readAt(project, commit).then(
      () => true,
      error => {
        if (error instanceof NotFoundError) return false;
        throw error;
      },
    );
  }

  // The pipeline is on the branch; one that the edits bring is looked for by the check.
  private async checkTrial(
    trial: NonNullable<ChangeRequest['trialRun']>,
    project: string,
    ref: string,
    edits: FileEdit[] = [],
  ): Promise<void> {
    const { index, repository } = this.options;
    const commit = await repository.resolve(ref);
    const { pipelines } = await index.readAt(project, commit);
    const names = pipelines.map(pipeline => pipeline.name);
    const isBrought = edits.some(edit =>
      new RegExp(
        `/pipelines/${trial.pipeline.replace(/\W/g, '\\$&')}\\.ya?ml$`,
      ).test(edit.path),
    );
    if (!names.includes(trial.pipeline) && !isBrought)
      throw new InputError(
        `trialRun.pipeline must be a pipeline of the project (${
          names.join(', ') || 'it has none'
        }), not '${trial.pipeline.slice(0, 100)}'.`,
        'invalid-field',
      );
  }

  // Edits of the head that is there; another writer's commit in between is taken as the new beginning.
  private async updateFiles(
    number: number,
    wanted: FileEdit[],
    words: { by: HostActor; title?: string; head?: string },
  ): Promise<PullRequestDetail> {
    const { host, root, repository } = this.options;
    for (let turn = 1; ; turn++) {
      const detail = await host.get(number);
      if (detail.state !== 'open')
        throw new ConflictError(
          `Change ${number} is ${detail.state}.`,
          'conflict',
        );
      const facts = await this.factsOf(detail);
      const head = words.head ?? detail.head;
      if (head !== detail.head)
        throw new ConflictError(
          `Change ${number} has newer commits: it is at ${detail.head.slice(
            0,
            12,
          )}, not at ${String(head).slice(0, 12)}.`,
          'conflict',
        );
      const files = await filesAfter(wanted, {
        repository,
        commit: head,
        isAllowed: allowedPaths(root, facts.project),
      });
      try {
        return await host.update(number, {
          ...words,
          files,
          commitTitle: words.title ?? detail.title,
          head,
        });
      } catch (error) {
        const isLate = (error as Error).name === 'ConflictError';
        if (!isLate || words.head !== undefined || turn === 20) throw error;
        await new Promise(resolve =>
          setTimeout(resolve, 5 + Math.random() * 40 * turn),
        );
      }
    }
  }
}

const isProjectFile = (edit: FileEdit, project: string) =>
  typeof edit?.path === 'string' &&
  'content' in edit &&
  edit.path.endsWith(`ml-projects/${project}/mlproject.yaml`);

const isRefusal = (error: unknown) =>
  ['InputError', 'ConflictError', 'NotFoundError'].includes(
    (error as Error)?.name,
  );

function numberOf(id: string): number {
  if (!/^[1-9]\d{0,9}$/.test(id))
    throw new NotFoundError(
      `There is no change '${id.slice(0, 100)}'.`,
      'not-found',
    );
  return Number(id);
}
