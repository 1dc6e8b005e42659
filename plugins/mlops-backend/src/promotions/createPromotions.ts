/* Wires promotions, gates, desired and actual, activity and maturity. */
import type {
  AuditorService,
  LoggerService,
} from '@backstage/backend-plugin-api';
import type { TrackingService } from '@backstage-mlops/mlops-tracking';
import type { Knex } from 'knex';
import { ActivityService } from '../activity/ActivityService';
import { Reverts } from '../activity/Reverts';
import type { ChangeCheck, MergeRule } from '../changes/ChangeCheck';
import { ChangeStore } from '../changes/ChangeStore';
import {
  codeOwnersPlaces,
  ownersOf,
  parseCodeOwners,
} from '../changes/codeOwners';
import { projectFolder } from '../changes/editFiles';
import type { Changes } from '../changes/createChanges';
import type { GitopsIndex } from '../gitops/GitopsIndex';
import type { GitRepository } from '../gitops/GitRepository';
import type { HistoryWatch } from '../gitops/HistoryWatch';
import { GitHistory } from '../gitops/GitHistory';
import type { PromotionTargets } from '../http/promotionRoutes';
import type { ModelReader } from '../projects/ModelReader';
import type { RunStore } from '../runs/RunStore';
import type { Schedules } from '../runs/Schedules';
import type { ClusterRuns } from '../runs/ClusterRuns';
import type { ClusterSync } from '../sync/ClusterSync';
import { pipelineFacts } from '../sync/pipelineFacts';
import { Reconciler } from '../sync/Reconciler';
import { SyncStore } from '../sync/SyncStore';
import { AliasHistory } from './AliasHistory';
import { ChangeStories } from './ChangeStories';
import { GateKeeper } from './GateKeeper';
import { gatesCheck } from './gatesCheck';
import { PromotionService } from './PromotionService';

export interface CreateSyncOptions {
  knex: Knex;
  index: GitopsIndex;
  tracking: TrackingService;
  schedules: Schedules;
  engineIsOn: boolean;
  /** The engine of projects that name none. */
  defaultEngine: string;
  engines: Pick<ClusterRuns, 'names' | 'health'>;
  clusters: ClusterSync;
  auditor: AuditorService;
  logger: LoggerService;
}

/** The one that compares git with the portal. */
export function createReconciler(options: CreateSyncOptions): Reconciler {
  const { schedules, engineIsOn, clusters, engines, defaultEngine } = options;
  return new Reconciler({
    ...options,
    store: new SyncStore(options.knex),
    engineFacts: project => ({
      isOn: engineIsOn,
      ...(clusters.factsOf(project) ?? {
        schedules: schedules.taken(project.read.name),
        pipelines: pipelineFacts(project, {
          engineIsOn,
          defaultEngine,
          names: engines.names,
          health: engines.health(),
        }),
      }),
    }),
  });
}

/** Path of the file that declares an alias of a registered model. */
export function declaredIn(index: GitopsIndex) {
  return (registered: string, alias: string): string | undefined => {
    const dot = registered.indexOf('.');
    const found = index.find(registered.slice(0, dot));
    const name = registered.slice(dot + 1);
    for (const read of [found?.read, found?.lastGood?.read]) {
      const model = read?.models.find(item => item.name === name);
      if (!model?.value) continue;
      return Object.hasOwn(model.value.spec.aliases ?? {}, alias)
        ? model.file
        : undefined;
    }
    return undefined;
  };
}

export interface CreatePromotionsOptions {
  knex: Knex;
  index: GitopsIndex;
  repository: GitRepository;
  models: ModelReader;
  runs: RunStore;
  tracking: TrackingService;
  reconciler: Reconciler;
  rewrites: Pick<HistoryWatch, 'of'>;
  /** Folder in the repository that holds `ml-projects`; empty for the top. */
  root: string;
  /** Makes the requests, given what checks and blocks those that move an alias. */
  createChanges(given: {
    checks: ChangeCheck[];
    rules: MergeRule[];
    /** To be told whenever a request has changed. */
    onChange(): void;
  }): Promise<Changes>;
}

/** Promotions and what belongs to them, with the requests that they open. */
export async function createPromotions(
  options: CreatePromotionsOptions,
): Promise<{ changes: Changes; promotionTargets: PromotionTargets }> {
  const { index, repository, models, runs, tracking } = options;
  const history = new GitHistory(repository.gitDirectory);
  // The gates need the history, the requests need the gates, the stories need the requests.
  const stories: { told?: ChangeStories } = {};
  const storyOf = async (commit: string) => stories.told?.of(commit);
  const aliases = new AliasHistory({ history, repository, storyOf });
  const keeper = new GateKeeper({
    version: (project, model, version) =>
      models.version(project, model, version),
    history: async (project, file) => {
      const found = index.find(project);
      return found ? aliases.read(found.commit, file) : [];
    },
  });
  const { check, rule } = gatesCheck(
    keeper,
    project => index.find(project)?.read,
  );
  const changes = await options.createChanges({
    checks: [check],
    rules: [rule],
    onChange: () => stories.told?.forget(),
  });
  const told = new ChangeStories(
    changes.service.reader,
    new ChangeStore(options.knex),
  );
  stories.told = told;
  const openChange: PromotionTargets['openChange'] = async (
    request,
    { by, ...kind },
  ) =>
    changes.service.open(request, {
      ...kind,
      by: await changes.people.actorOf(by.credentials),
      ...(by.idempotencyKey && { idempotencyKey: by.idempotencyKey }),
    });
  return {
    changes,
    promotionTargets: {
      index,
      reconciler: options.reconciler,
      reverts: new Reverts({ history, repository }),
      folderOf: project => projectFolder(options.root, project),
      maturity: { index, history, runs },
      activity: new ActivityService({
        index,
        history,
        aliases,
        runs,
        storyOf,
        changesOf: project => told.ofProject(project),
        rewritesOf: folder => options.rewrites.of(folder),
      }),
      promotions: new PromotionService({
        index,
        history,
        aliases,
        gates: keeper,
        models,
        tracking,
        open: openChange,
        ownersOf: async (commit, paths) => {
          for (const place of codeOwnersPlaces) {
            const text = await changes.comparison.text(commit, place);
            if (text === undefined) continue;
            const lines = parseCodeOwners(text);
            return [...new Set(paths.flatMap(path => ownersOf(lines, path)))];
          }
          return [];
        },
      }),
      openChange,
    },
  };
}
