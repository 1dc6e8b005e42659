/*
 * Proposed changes: the only room that speaks to the host of pull requests. What the portal knows of a change is written down before
 * the host is asked to open it, so that neither is ever there alone for long.
 */
import type { LoggerService } from '@backstage/backend-plugin-api';
import {
  ConflictError,
  InputError,
  type Change,
  type ChangeKind,
  type ChangeRequest,
  type ChangeUpdate,
  type FileEdit,
  type HostActor,
  type MergeRequest,
  type PullRequestDetail,
  type ReviewRequest,
} from '@backstage-mlops/mlops-core';
import { NotAllowedError } from '@backstage/errors';
import { createHash, randomUUID } from 'node:crypto';
import type { GitRepository } from '../gitops/GitRepository';
import type { FoundChange } from '../permissions/ResourceFinder';
import { failpoint } from '../runs/failpoint';
import type { ChangeCheck } from './ChangeCheck';
import type { ChangePromotion } from './ChangeStore';
import { checkLine, checkText } from './checkNames';
import {
  ChangeReader,
  numberOf,
  type ChangeReaderOptions,
} from './ChangeReader';
import { CheckRunner } from './CheckRunner';
import { Proposals } from './Proposals';
import { allowedPaths, filesAfter } from './editFiles';
import { trialName } from './runChecks';
import type { ChangeCaller } from './toChange';

export interface ChangeServiceOptions extends ChangeReaderOptions {
  repository: GitRepository;
  checks: ChangeCheck[];
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

export class ChangeService {
  readonly runner: CheckRunner;
  readonly proposals: Proposals;
  readonly reader: ChangeReader;

  constructor(private readonly options: ChangeServiceOptions) {
    const { host, store, index, checks, logger, everyMs } = options;
    this.proposals = new Proposals(options);
    this.reader = new ChangeReader(options);
    this.runner = new CheckRunner({
      host,
      store,
      index,
      checks,
      logger,
      everyMs,
      factsOf: request => this.reader.factsOf(request),
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
    const { isNew, ...wish } = await this.proposals.read(request, options);
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
      (await options.callerOf?.(await this.reader.foundOf(opened))) ?? {
        ref: by.ref,
      },
    );
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
    return this.reader.seenBy(
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
    const writers = await this.reader.writersOf(await host.get(number), true);
    if (review.verdict === 'approved' && writers.includes(caller.ref))
      throw Object.assign(
        new NotAllowedError(
          'You proposed this change or wrote some of it; somebody else has to approve it.',
        ),
        { code: 'not-allowed' },
      );
    await store.setGroups(number, caller.ref, caller.groups);
    return this.reader.seenBy(
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
    // The rules are those of the main branch as it is now.
    await index.refresh().catch(() => undefined);
    const blocked = await this.reader.blockedBy(
      await this.reader.contextOf(detail, {
        by: caller.ref,
        writers: await this.reader.writersOf(detail, true),
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
    return this.reader.seenBy(merged, caller);
  }

  async close(
    id: string,
    caller: ChangeCaller & { by: HostActor },
  ): Promise<Change> {
    const closed = await this.options.host.close(numberOf(id), caller.by);
    await this.runner.drop(closed.number);
    this.options.publish(id);
    return this.reader.seenBy(closed, caller);
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
      const facts = await this.reader.factsOf(detail);
      await this.proposals.checkTrial(
        wish.trialRun,
        facts.project,
        detail.head,
      );
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
    return this.reader.seenBy(await host.get(number), caller);
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
    const change = await this.reader.seenBy(
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
      const facts = await this.reader.factsOf(detail);
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

const isRefusal = (error: unknown) =>
  ['InputError', 'ConflictError', 'NotFoundError'].includes(
    (error as Error)?.name,
  );
