/*
 * Looks every few seconds, and at once after each commit, whether what is matches what git asks for. Aliases are written to the
 * registry; of all else it is only told. How each thing stands is kept with the moment since when it does.
 */
import type {
  AuditorService,
  LoggerService,
} from '@backstage/backend-plugin-api';
import {
  aliasesOf,
  decideSync,
  worstSync,
  type AliasWrite,
  type EngineFacts,
  type RegistryFacts,
  type SyncDecision,
  type SyncItem,
} from '@backstage-mlops/mlops-core';
import type { TrackingService } from '@backstage-mlops/mlops-tracking';
import { BackgroundLoop } from '../BackgroundLoop';
import type { GitopsIndex, IndexedProject } from '../gitops/GitopsIndex';
import { failpoint } from '../runs/failpoint';
import type { SyncStore } from './SyncStore';

export interface ReconcilerOptions {
  index: GitopsIndex;
  store: SyncStore;
  tracking: TrackingService;
  /** What engine and scheduler have of a project. */
  engineFacts(project: IndexedProject): EngineFacts;
  auditor: AuditorService;
  logger: LoggerService;
  everyMs?: number;
}

const keyOf = ({
  project,
  kind,
  model = '',
  name,
}: Omit<SyncDecision, 'state'>) => [project, kind, model, name].join('\n');

export class Reconciler {
  readonly loop: BackgroundLoop;
  private known?: Map<string, SyncItem>;
  private looking?: Promise<void>;
  private seen = new Date().toISOString();

  constructor(private readonly options: ReconcilerOptions) {
    this.loop = new BackgroundLoop({
      name: 'sync',
      everyMs: options.everyMs ?? 2_000,
      logger: options.logger,
      work: () => this.look(),
    });
    options.index.on('changed', () => {
      this.look().catch(() => undefined);
    });
  }

  /** ISO 8601 of the last look. */
  get lookedAt(): string {
    return this.seen;
  }

  /** Looks now. A look that runs already began perhaps too early, so another one follows it. */
  async look(): Promise<void> {
    const before = this.looking;
    const next = (before ?? Promise.resolve())
      .catch(() => undefined)
      .then(() => this.lookOnce());
    this.looking = next;
    try {
      await next;
    } finally {
      if (this.looking === next) this.looking = undefined;
    }
  }

  /** How everything stands, or all of one project. */
  list(project?: string): Promise<SyncItem[]> {
    return this.options.store.list(project);
  }

  /** The worst of what the last look found, of a project or of one thing in it. */
  stateOf(
    project: string,
    part?: { kind: SyncItem['kind']; name?: string; model?: string },
  ): { state: SyncItem['state']; message?: string } | undefined {
    const items = [...(this.known?.values() ?? [])].filter(
      item =>
        item.project === project &&
        (!part ||
          (item.kind === part.kind &&
            (part.name === undefined || item.name === part.name) &&
            (part.model === undefined || item.model === part.model))),
    );
    const state = worstSync(items);
    if (!state) return undefined;
    const first = items.find(item => item.state === state);
    return {
      state,
      ...(state !== 'Synced' && first && { message: sentenceOf(first) }),
    };
  }

  private async lookOnce(): Promise<void> {
    const { index, store, tracking } = this.options;
    const known = await this.load();
    if (index.commit === undefined) return;
    const projects = index.list();
    const aliases = await tracking.aliasesByModel();
    const now = new Date().toISOString();
    const found = new Map<string, SyncItem>();
    for (const project of projects)
      for (const item of await this.lookAt(project, aliases)) {
        const key = keyOf(item);
        found.set(key, withSince(item, known.get(key), now));
      }
    const changed = [...found].filter(
      ([key, item]) => !isSame(item, known.get(key)),
    );
    await store.save(changed.map(([, item]) => item));
    await store.remove(
      [...known].filter(([key]) => !found.has(key)).map(([, item]) => item),
    );
    this.known = found;
    this.seen = now;
  }

  private async load(): Promise<Map<string, SyncItem>> {
    this.known ??= new Map(
      (await this.options.store.list()).map(item => [keyOf(item), item]),
    );
    return this.known;
  }

  // Decides, writes what differs, and decides again, so that what was put right is told as Synced.
  private async lookAt(
    project: IndexedProject,
    aliases: Map<string, Record<string, string>>,
  ): Promise<SyncDecision[]> {
    const registry = await this.registryOf(project, aliases);
    const decide = () =>
      decideSync({
        read: project.read,
        commit: project.commit,
        engine: this.options.engineFacts(project),
        registry,
        declaredBefore: this.declaredBefore(project.read.name),
        before: item => this.known?.get(keyOf(item)),
      });
    const { items, writes } = decide();
    if (writes.length === 0) return items;
    for (const write of writes)
      await this.write(project, write, registry[write.model]);
    return decide().items;
  }

  private async registryOf(
    { read }: IndexedProject,
    aliases: Map<string, Record<string, string>>,
  ): Promise<Record<string, RegistryFacts>> {
    const facts: Record<string, RegistryFacts> = {};
    for (const { name, value } of read.models) {
      const registered = `${read.name}.${name}`;
      facts[name] = {
        aliases: { ...aliases.get(registered) },
        digests: await this.options.tracking.digestsOf(
          registered,
          aliasesOf(value).map(({ version }) => version),
        ),
      };
    }
    return facts;
  }

  private declaredBefore(project: string): Record<string, string[]> {
    const found: Record<string, string[]> = {};
    for (const item of this.known?.values() ?? [])
      if (item.project === project && item.kind === 'alias' && item.model)
        (found[item.model] ??= []).push(item.name);
    return found;
  }

  private async write(
    { read, commit }: IndexedProject,
    { model, alias, version }: AliasWrite,
    facts: RegistryFacts,
  ): Promise<void> {
    const { tracking, auditor, logger } = this.options;
    const before = facts.aliases[alias];
    await tracking.writeAlias(`${read.name}.${model}`, alias, version);
    failpoint('alias-written');
    if (version === undefined) delete facts.aliases[alias];
    else facts.aliases[alias] = version;
    logger.info(
      `Alias ${alias} of ${read.name}.${model}: ${before ?? 'none'} -> ${
        version ?? 'none'
      }, as commit ${commit.slice(0, 12)} asks for`,
    );
    const event = await auditor.createEvent({
      eventId: 'alias-write',
      severityLevel: 'medium',
      meta: {
        project: read.name,
        model,
        alias,
        before: before ?? null,
        after: version ?? null,
        commit,
      },
    });
    await event.success();
  }
}

const compared = ['state', 'field', 'desired', 'actual'] as const;

/** The same state goes on since it began. */
function withSince(
  item: SyncDecision,
  before: SyncItem | undefined,
  now: string,
): SyncItem {
  const goesOn =
    before !== undefined && compared.every(key => before[key] === item[key]);
  return goesOn
    ? { ...item, since: before.since, commit: before.commit }
    : { ...item, since: now };
}

const isSame = (item: SyncItem, before: SyncItem | undefined) =>
  before !== undefined &&
  item.since === before.since &&
  item.message === before.message;

function sentenceOf({ kind, name, model, message, desired, actual }: SyncItem) {
  const what =
    kind === 'alias' ? `Alias ${name} of ${model}` : `${kind} ${name}`;
  return `${what}: ${
    message ?? `git asks for ${desired}, there is ${actual ?? 'none'}`
  }`;
}
