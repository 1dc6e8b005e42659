/* Wires proposed changes: their host, what is checked, what blocks a merge. */
import type {
  AuthService,
  LoggerService,
  UserInfoService,
} from '@backstage/backend-plugin-api';
import type {
  Change,
  ChangeComparison,
  PortalPages,
} from '@backstage-mlops/mlops-core';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { TrackingService } from '@backstage-mlops/mlops-tracking';
import type { Knex } from 'knex';
import type { BackgroundLoop } from '../BackgroundLoop';
import type { GitopsIndex } from '../gitops/GitopsIndex';
import type { GitRepository } from '../gitops/GitRepository';
import type { Prices } from '../runs/prices';
import type { RunService } from '../runs/RunService';
import type { RunStore } from '../runs/RunStore';
import type { ChangeCheck, MergeRule } from './ChangeCheck';
import { ChangeService } from './ChangeService';
import { ChangeStore } from './ChangeStore';
import { EffectService } from './EffectService';
import {
  compareSides,
  directionsOf,
  lastGoodRun,
  readSide,
} from './compareRuns';
import { filesValid } from './filesValid';
import type { GitComparison } from './GitComparison';
import type { HostChoice } from './HostChoice';
import { LocalPullRequestHost } from './LocalPullRequestHost';
import {
  checksRule,
  fourEyesRule,
  OwnersRule,
  reviewsRule,
  stateRule,
} from './mergeRules';
import type { HistoryWatch } from '../gitops/HistoryWatch';
import { People } from './People';
import { scopeRule } from './scopeRule';
import { findTrial, projectTests, trialName, trialRun } from './runChecks';

export interface CreateChangesOptions {
  hosts: HostChoice;
  knex: Knex;
  index: GitopsIndex;
  repository: GitRepository;
  /** Address of the GitOps repository, as a run is given it. */
  url: string;
  /** Folder in the repository that holds `ml-projects`. */
  root: string;
  runService: RunService;
  runs: RunStore;
  tracking: TrackingService;
  prices?: Prices;
  catalog: CatalogService;
  auth: AuthService;
  userInfo: UserInfoService;
  logger: LoggerService;
  publish(id: string): void;
  comparison: GitComparison;
  history: HistoryWatch;
  /** Ends a run that nobody waits for any more. */
  stopRun(id: string): Promise<void>;
  /** Tells those whom an open request waits for. */
  announce(change: Change): void;
  /** Image of the step that runs a project's own tests. */
  testImage: string;
  /** Where the app has our pages. */
  pages: PortalPages;
  /** Checks beside the portal's own, as gates of a promotion. */
  checks?: ChangeCheck[];
  /** Rules beside the portal's own, as four eyes. */
  rules?: MergeRule[];
}

/** What the routes and actions of changes speak to. */
export interface Changes {
  service: ChangeService;
  effects: EffectService;
  people: People;
  comparison: GitComparison;
  loop: BackgroundLoop;
  history: HistoryWatch;
  /** The trial run of a change beside the last good run of the main branch. */
  compare(id: string): Promise<ChangeComparison>;
  /** Ends what was left half done, then looks again and again. */
  begin(): Promise<void>;
  /** Ends its looks and the processes that it keeps. */
  stop(): Promise<void>;
}

const localEveryMs = 1000;
const remoteEveryMs = 15_000;

export async function createChanges(
  options: CreateChangesOptions,
): Promise<Changes> {
  const { hosts, knex, index, repository, url, logger, publish } = options;
  const store = new ChangeStore(knex);
  const { comparison, history } = options;
  const isMirror = repository.gitDirectory !== url;
  const own = new LocalPullRequestHost({
    knex,
    repository,
    comparison,
    branch: index.branch,
    ...(isMirror ? { remote: url } : {}),
    logger,
  });
  const host = await hosts.create({ url, branch: index.branch }, () => own);
  const isLocal = host === own;
  // SQLite is one portal's alone: nobody else can be in the middle of something.
  const isAlone = knex.client.config.client !== 'pg';
  const owners = new OwnersRule({
    store,
    comparison,
    main: () => index.commit,
  });
  const people = new People(options);
  const service = new ChangeService({
    host,
    store,
    index,
    repository,
    comparison,
    root: options.root,
    checks: [
      filesValid(comparison),
      projectTests({ ...options, image: options.testImage }),
      trialRun(options),
      ...(options.checks ?? []),
    ],
    rules: [
      stateRule,
      scopeRule({ root: options.root, comparison }),
      checksRule,
      reviewsRule,
      fourEyesRule,
      owners,
      ...(options.rules ?? []),
    ],
    owners,
    usersOf: address => people.usersOf(address),
    trialRunOf: async ({ number, head, facts }) =>
      findTrial(
        { number, facts },
        (await store.checks(number, head)).find(
          check => check.name === trialName,
        ),
        options.runs,
      ),
    publish,
    announce: options.announce,
    logger,
    everyMs: isLocal ? localEveryMs : remoteEveryMs,
    repairHost: isLocal ? () => own.repair(false) : undefined,
  });
  return {
    service,
    effects: new EffectService({
      service,
      index,
      comparison,
      runs: options.runs,
      prices: options.prices,
    }),
    people,
    comparison,
    loop: service.runner.loop,
    history,
    async compare(id) {
      const { trial, context } = await service.reader.trialOf(id);
      const { project, after } = context;
      const pipeline = trial?.pipeline ?? context.trial?.pipeline;
      const before =
        pipeline &&
        (await lastGoodRun(options.runs, {
          project,
          pipeline,
          branch: index.branch,
        }));
      const [mine, theirs] = await Promise.all([
        trial && readSide(trial.id, after, options),
        before ? readSide(before, context.before, options) : undefined,
      ]);
      return compareSides(mine, theirs, directionsOf(after));
    },
    async begin() {
      history.start();
      if (isLocal && isAlone) await own.repair(true);
      await service.runner.loop.start();
    },
    async stop() {
      await service.runner.loop.stop();
      own.stop();
    },
  };
}
