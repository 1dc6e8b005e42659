import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import { actionsRegistryServiceRef } from '@backstage/backend-plugin-api/alpha';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { notificationService } from '@backstage/plugin-notifications-node';
import { signalsServiceRef } from '@backstage/plugin-signals-node';
import {
  pullRequestHostExtensionPoint,
  workflowEnginesExtensionPoint,
} from '@backstage-mlops/plugin-mlops-node';
import path from 'node:path';
import { auditedRegistry } from './actions/auditedRegistry';
import { registerActions } from './actions/registerActions';
import { registerChangeActions } from './actions/registerChangeActions';
import { createChanges } from './changes/createChanges';
import { GitComparison } from './changes/GitComparison';
import { HostChoice } from './changes/HostChoice';
import { checkProduction } from './checkProduction';
import { createGitops } from './gitops/createGitops';
import { callerOf } from './http/callerOf';
import { HistoryWatch } from './gitops/HistoryWatch';
import { createRouter } from './http/createRouter';
import type { RouteTargets } from './http/routes';
import { migrate } from './migrate';
import { Notifier } from './notifications/Notifier';
import { ResourceFinder } from './permissions/ResourceFinder';
import { registerPermissions, Rights } from './permissions/Rights';
import {
  createPromotions,
  createReconciler,
} from './promotions/createPromotions';
import { DatasetReader } from './projects/DatasetReader';
import { KnownProjects } from './projects/KnownProjects';
import { ModelReader } from './projects/ModelReader';
import { ProjectService } from './projects/ProjectService';
import { readConfig } from './readConfig';
import { ArtifactReader } from './runs/ArtifactReader';
import { createRuns } from './runs/createRuns';
import { EngineList } from './runs/EngineList';
import { FolderSweep } from './runs/FolderSweep';
import { Retention } from './runs/Retention';
import { submitFirstRun } from './runs/submitFirstRun';

/** Machine-learning projects: HTTP, database, GitOps repository, engine of this machine. @public */
export const mlopsPlugin = createBackendPlugin({
  pluginId: 'mlops',
  register(env) {
    const hosts = new HostChoice();
    env.registerExtensionPoint(pullRequestHostExtensionPoint, hosts);
    const engines = new EngineList();
    env.registerExtensionPoint(workflowEnginesExtensionPoint, engines);
    env.registerInit({
      deps: {
        actions: actionsRegistryServiceRef,
        auditor: coreServices.auditor,
        auth: coreServices.auth,
        catalog: catalogServiceRef,
        config: coreServices.rootConfig,
        database: coreServices.database,
        discovery: coreServices.discovery,
        httpAuth: coreServices.httpAuth,
        httpRouter: coreServices.httpRouter,
        lifecycle: coreServices.lifecycle,
        logger: coreServices.logger,
        notifications: notificationService,
        permissions: coreServices.permissions,
        permissionsRegistry: coreServices.permissionsRegistry,
        rootLifecycle: coreServices.rootLifecycle,
        signals: signalsServiceRef,
        userInfo: coreServices.userInfo,
      },
      async init(services) {
        const {
          httpAuth,
          httpRouter,
          lifecycle,
          logger,
          permissions,
          auditor,
          signals,
          userInfo,
        } = services;
        // Everybody hears it, so it says no more than that something changed; pages then read what they may.
        const tell = (channel: string) => {
          signals
            .publish({
              recipients: { type: 'broadcast' },
              channel,
              message: {},
            })
            .catch(() => undefined);
        };
        checkProduction(services.config);
        const config = readConfig(services.config);
        const knex = await migrate(services.database);
        const gitops = await createGitops({
          ...config.gitops,
          dataDirectory: config.dataDirectory,
          logger,
        });
        const { index, repository, url, webUrl } = gitops;
        await index.start();
        const notifier = new Notifier({
          notifications: services.notifications,
          ownerOf: project => finder.project(project)?.owner,
          pages: config.pages,
          logger,
        });
        const {
          artifacts,
          clusters,
          clusterSync,
          engine,
          leases,
          queue,
          runner,
          runs,
          runService,
          schedules,
          tracking,
        } = await createRuns({
          config,
          knex,
          gitops,
          engines,
          trackingUri: (
            await services.discovery.getBaseUrl('mlops')
          ).replace('//localhost:', '//127.0.0.1:'),
          onChange: ({ id, phase }) => {
            tell('mlops:runs');
            tell(`mlops:run:${id}`);
            if (phase === 'Failed' || phase === 'Error')
              runs
                .get(id)
                .then(({ summary }) => notifier.runEnded(summary))
                .catch(() => undefined);
          },
          logger,
        });
        const reconciler = createReconciler({
          knex,
          index,
          tracking,
          schedules,
          clusters: clusterSync,
          engineIsOn: config.local.enabled,
          defaultEngine: config.engine,
          engines: clusters,
          auditor,
          logger,
        });
        const comparison = new GitComparison(repository);
        const history = new HistoryWatch({
          knex,
          index,
          repository,
          comparison,
          logger,
        });
        const known = new KnownProjects(index);
        const models = new ModelReader({ known, runs, tracking });
        const projects = new ProjectService({
          syncOf: (...of) => reconciler.stateOf(...of),
          rewrittenOf: folder => history.recent(folder),
          enginesOf: ({ project }) =>
            clusters.choiceFor(project?.spec.engine ?? config.engine, {
              localIsOn: config.local.enabled,
            }),
          index,
          schedules,
          repository,
          known,
          models,
          runs,
          webUrl,
        });
        const retention = new Retention({
          knex,
          index,
          artifacts,
          tracking,
          clusters,
          repository,
          leases,
          folders: new FolderSweep({
            knex,
            runner,
            folder: path.join(config.dataDirectory, 'runs'),
            onTrouble: (run, error) =>
              logger.warn(`Folders of run ${run}: ${error.message}`),
          }),
          dataDirectory: config.dataDirectory,
          logger,
        });
        const { changes, promotionTargets } = await createPromotions({
          knex,
          index,
          repository,
          models,
          runs,
          tracking,
          reconciler,
          rewrites: history,
          root: config.gitops.path,
          createChanges: ({ onChange, ...given }) =>
            createChanges({
              ...given,
              hosts,
              knex,
              index,
              repository,
              url,
              root: config.gitops.path,
              testImage: config.testImage,
              pages: config.pages,
              comparison,
              history,
              stopRun: id => engine.stop(id),
              runService,
              runs,
              tracking,
              prices: config.prices,
              catalog: services.catalog,
              auth: services.auth,
              userInfo,
              logger,
              publish: () => {
                onChange();
                tell('mlops:changes');
              },
              announce: change => notifier.changeWaits(change),
            }),
        });
        const finder = new ResourceFinder({
          index,
          runs,
          findChange: id => changes.service.reader.findResource(id),
        });
        const targets: RouteTargets = {
          index,
          finder,
          changes,
          promotion: promotionTargets,
          queue,
          retention,
          prices: config.prices,
          repository,
          known,
          projects,
          models,
          datasets: new DatasetReader({ known, tracking }),
          runService,
          runs,
          engine,
          artifacts: new ArtifactReader(
            artifacts,
            ({ engine: name }) => clusters.engineOf(name)?.artifacts,
          ),
          tracking,
          clusters,
          userInfo,
          loops: [
            index.loop,
            engine.loop,
            schedules.loop,
            clusterSync.loop,
            retention.loop,
            changes.loop,
            reconciler.loop,
          ],
        };

        const rights = new Rights(permissions, finder);
        registerPermissions(services.permissionsRegistry, finder);
        const actions = auditedRegistry(services.actions, {
          auditor,
          actorOf: credentials => callerOf(userInfo, credentials),
          standingOf: ({ run, change }) =>
            run === undefined
              ? finder.standingOf(change)
              : runs.get(run).then(
                  ({ summary }) => summary.phase,
                  () => undefined,
                ),
        });
        registerActions(actions, targets, { rights, userInfo });
        registerChangeActions(actions, targets, { rights });
        httpRouter.use(
          createRouter(targets, { httpAuth, rights, auditor, logger }),
        );
        // Health tells no secret; steps prove themselves with the token of their run, which the router itself checks.
        for (const open of ['/health', '/api', '/ajax-api'])
          httpRouter.addAuthPolicy({ path: open, allow: 'unauthenticated' });

        lifecycle.addStartupHook(async () => {
          await engine.begin();
          await schedules.loop.start();
          // A cluster that does not answer keeps the portal from nothing.
          clusterSync.loop.start().catch(() => undefined);
          await changes.begin();
          await reconciler.loop.start();
          // It reads much and is in no hurry.
          retention.loop.start().catch(() => undefined);
          await submitFirstRun({
            firstRun: config.firstRun,
            runs,
            runService,
            logger,
          });
        });
        // Before the plugins' own hooks, among which the database closes.
        services.rootLifecycle.addBeforeShutdownHook(async () => {
          index.stop();
          await schedules.loop.stop();
          await clusterSync.loop.stop();
          await changes.stop();
          await reconciler.loop.stop();
          await retention.loop.stop();
          await engine.shutDown();
          repository.close();
        });
      },
    });
  },
});
