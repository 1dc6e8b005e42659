/* What happened in a project, newest first: commits of the main branch, requests, runs, promotions; each with who and why. */
import {
  InputError,
  NotFoundError,
  type ActivityItem,
  type ActivityPage,
  type ChangeSummary,
  type RunSummary,
} from '@backstage-mlops/mlops-core';
import type { GitHistory, HistoryCommit } from '../gitops/GitHistory';
import type { Rewrite } from '../gitops/HistoryWatch';
import type { GitopsIndex, IndexedProject } from '../gitops/GitopsIndex';
import type { AliasHistory, CommitStory } from '../promotions/AliasHistory';
import type { RunStore } from '../runs/RunStore';

export interface ActivityServiceOptions {
  index: GitopsIndex;
  history: GitHistory;
  aliases: AliasHistory;
  runs: Pick<RunStore, 'list' | 'sequenceOf'>;
  /** The newest requests of a project, with why. */
  changesOf(project: string): Promise<(ChangeSummary & { reason?: string })[]>;
  /** Times when commits of a folder were taken away from the main branch, newest first. */
  rewritesOf(folder: string): Rewrite[];
  /** The request behind a commit. */
  storyOf(commit: string): Promise<CommitStory | undefined>;
}

/** How far each source was read. */
interface Cursor {
  commits: number;
  changes: number;
  rewrites: number;
  run?: number;
}

interface Move {
  model: string;
  alias: string;
  version?: string;
  back: boolean;
}

export interface ActivityQuery {
  project: string;
  /** Only what is about this model. */
  model?: string;
  limit: number;
  cursor?: string;
  /** What the caller may not see. */
  without?: 'run'[];
  /** Whether the caller may see a request; undefined when they see all. */
  maySeeChange?(change: ChangeSummary): Promise<boolean>;
}

export class ActivityService {
  constructor(private readonly options: ActivityServiceOptions) {}

  async list(query: ActivityQuery): Promise<ActivityPage> {
    const project = this.options.index.find(query.project);
    if (!project)
      throw new NotFoundError(
        `There is no project '${query.project.slice(0, 100)}'.`,
        'not-found',
      );
    const at = readCursor(query.cursor);
    const [commits, changes, runs] = await Promise.all([
      this.commits(project, query, at.commits),
      this.changes(query, at.changes),
      query.model === undefined && !query.without?.includes('run')
        ? this.runs(query, at.run)
        : [],
    ]);
    const rewrites =
      query.model === undefined
        ? this.options
            .rewritesOf(project.read.path)
            .slice(at.rewrites)
            .map(rewriteItem)
        : [];
    const all = merged({ commits, rewrites, runs, changes });
    const page = all.slice(0, query.limit);
    const taken = (from: string) =>
      page.filter(entry => entry.from === from).map(({ item }) => item);
    const lastRun = taken('runs').at(-1)?.run;
    const next: Cursor = {
      commits: at.commits + taken('commits').length,
      changes: at.changes + taken('changes').length,
      rewrites: at.rewrites + taken('rewrites').length,
      run: lastRun ? await this.options.runs.sequenceOf(lastRun) : at.run,
    };
    return {
      items: page.map(({ item }) => item),
      ...(all.length > query.limit && { nextCursor: writeCursor(next) }),
    };
  }

  private async commits(
    project: IndexedProject,
    { limit, model }: ActivityQuery,
    skip: number,
  ): Promise<ActivityItem[]> {
    const { read, commit } = project;
    const file = read.models.find(({ name }) => name === model)?.file;
    if (model !== undefined && file === undefined) return [];
    const [found, moves] = await Promise.all([
      this.options.history.ofFolder(commit, file ?? read.path, {
        limit: limit + 1,
        skip,
      }),
      this.moves(project),
    ]);
    return Promise.all(
      found.map(async step =>
        toItem(
          step,
          moves.get(step.commit) ?? [],
          await this.options.storyOf(step.commit).catch(() => undefined),
        ),
      ),
    );
  }

  // Moves of aliases by commit, over all models of the project.
  private async moves(project: IndexedProject): Promise<Map<string, Move[]>> {
    const moves = new Map<string, Move[]>();
    for (const { name, file } of project.read.models) {
      const history = await this.options.aliases.read(project.commit, file);
      history.forEach((state, i) => {
        const before = history
          .slice(i + 1)
          .find(({ alias }) => alias === state.alias);
        moves.set(state.commit, [
          ...(moves.get(state.commit) ?? []),
          {
            model: name,
            alias: state.alias,
            version: state.version,
            back:
              state.version !== undefined &&
              Number(before?.version ?? 0) > Number(state.version),
          },
        ]);
      });
    }
    return moves;
  }

  private async changes(
    { project, limit, model, maySeeChange }: ActivityQuery,
    skip: number,
  ): Promise<ActivityItem[]> {
    if (model !== undefined) return [];
    const all = await this.options.changesOf(project);
    const seen = maySeeChange
      ? await Promise.all(all.map(maySeeChange))
      : undefined;
    return all
      .filter((_change, place) => seen?.[place] ?? true)
      .slice(skip, skip + limit + 1)
      .map(change => ({
        kind: 'change',
        at: change.createdAt,
        by: change.author,
        title: change.title,
        ...(change.reason && { why: change.reason }),
        change: change.id,
        phase: change.state,
      }));
  }

  private async runs(
    { project, limit }: ActivityQuery,
    cursor: number | undefined,
  ): Promise<ActivityItem[]> {
    const { items } = await this.options.runs.list({
      project,
      sort: 'newest',
      limit: limit + 1,
      cursor,
    });
    return items.map(runItem);
  }
}

type Source = 'commits' | 'rewrites' | 'runs' | 'changes';

// Each source keeps its own order, since the cursor counts along it. Git knows seconds only, so within one the commit comes first:
// it is what the request and the run led to.
function merged(
  sources: Record<Source, ActivityItem[]>,
): { item: ActivityItem; from: Source }[] {
  const left = Object.entries(sources).map(([from, items]) => ({
    from: from as Source,
    items: [...items],
  }));
  const all: { item: ActivityItem; from: Source }[] = [];
  for (;;) {
    const open = left.filter(({ items }) => items.length > 0);
    if (open.length === 0) return all;
    const newest = open.reduce((best, other) =>
      secondOf(other.items[0]) > secondOf(best.items[0]) ? other : best,
    );
    all.push({ item: newest.items.shift()!, from: newest.from });
  }
}

const secondOf = ({ at }: ActivityItem) => Math.floor(Date.parse(at) / 1000);

function runItem(run: RunSummary): ActivityItem {
  const { trigger, message } = run;
  return {
    kind: 'run',
    at: run.createdAt,
    by: trigger.by,
    title: `Run of ${run.pipeline}`,
    ...(message && { why: message.slice(0, 500) }),
    commit: run.commit,
    run: run.id,
    phase: run.phase,
  };
}

const rewriteItem = ({
  branch,
  lostCommit,
  commit,
  foundAt,
}: Rewrite): ActivityItem => ({
  kind: 'rewrite',
  at: foundAt,
  by: 'git',
  title: `The history of ${branch} was rewritten`,
  why: `Commit ${lostCommit.slice(
    0,
    12,
  )} is not part of it any more; it is at ${commit.slice(
    0,
    12,
  )}. What was taken away is kept as refs/mlops/lost/${lostCommit}.`,
  commit: lostCommit,
});

// The portal's own lines below a message: the request is linked beside it.
const withoutTrailers = (body: string): string =>
  body
    .replace(/(?:^|\n)(?:(?:Change: \d+|Merged-by: .*)(?:\n|$))+\s*$/, '')
    .trim();

function toItem(
  step: HistoryCommit,
  moves: Move[],
  story: CommitStory | undefined,
): ActivityItem {
  const [move] = moves;
  const why = story?.reason ?? withoutTrailers(step.body);
  return {
    kind: move ? (move.back ? 'rollback' : 'promotion') : 'commit',
    at: new Date(step.at).toISOString(),
    by: story?.by ?? step.author,
    title: move ? moves.map(sentenceOf).join('; ') : step.title,
    ...(why && { why: why.slice(0, 2_000) }),
    commit: step.commit,
    ...(story && { change: story.change }),
    ...(move && { model: move.model }),
    ...(step.parent && { revertible: true }),
  };
}

const sentenceOf = ({ model, alias, version, back }: Move) =>
  version === undefined
    ? `${alias} of ${model} is taken away`
    : `${alias} of ${model} ${
        back ? 'goes back to' : 'is now'
      } version ${version}`;

const writeCursor = (cursor: Cursor) =>
  Buffer.from(JSON.stringify(cursor)).toString('base64url');

function readCursor(text: string | undefined): Cursor {
  if (text === undefined) return { commits: 0, changes: 0, rewrites: 0 };
  try {
    const { commits, changes, rewrites, run } = JSON.parse(
      Buffer.from(text, 'base64url').toString('utf8'),
    );
    const isPlace = (value: unknown) =>
      Number.isSafeInteger(value) && (value as number) >= 0;
    if (
      isPlace(commits) &&
      isPlace(changes) &&
      isPlace(rewrites) &&
      (run === undefined || isPlace(run))
    )
      return { commits, changes, rewrites, run };
  } catch {
    // Told below.
  }
  throw new InputError(
    `cursor must be one that a page gave, not '${text.slice(0, 60)}'.`,
    'invalid-field',
  );
}
