import type { UserInfoService } from '@backstage/backend-plugin-api';
import type { TrackingService } from '@backstage-mlops/mlops-tracking';
import type { BackgroundLoop } from '../BackgroundLoop';
import type { Changes } from '../changes/createChanges';
import type { GitopsIndex } from '../gitops/GitopsIndex';
import type { GitRepository } from '../gitops/GitRepository';
import type { ResourceFinder } from '../permissions/ResourceFinder';
import type { DatasetReader } from '../projects/DatasetReader';
import type { KnownProjects } from '../projects/KnownProjects';
import type { ModelReader } from '../projects/ModelReader';
import type { ProjectService } from '../projects/ProjectService';
import type { ArtifactReader } from '../runs/ArtifactReader';
import type { ClusterRuns } from '../runs/ClusterRuns';
import type { RunSupervisor } from '../runs/RunSupervisor';
import type { Prices } from '../runs/prices';
import type { Retention } from '../runs/Retention';
import type { RunQueue } from '../runs/RunQueue';
import type { RunService } from '../runs/RunService';
import type { RunStore } from '../runs/RunStore';
import { changeRoutes } from './changeRoutes';
import { effectRoutes } from './effectRoutes';
import { fileRoutes } from './fileRoutes';
import { modelRoutes } from './modelRoutes';
import { portalRoutes } from './portalRoutes';
import { projectRoutes } from './projectRoutes';
import { promotionRoutes, type PromotionTargets } from './promotionRoutes';
import type { Route } from './route';
import { runControlRoutes } from './runControlRoutes';
import { runRoutes } from './runRoutes';

/** What the routes speak to. */
export interface RouteTargets {
  index: GitopsIndex;
  repository: GitRepository;
  known: KnownProjects;
  projects: ProjectService;
  models: ModelReader;
  datasets: DatasetReader;
  runService: RunService;
  runs: RunStore;
  engine: RunSupervisor;
  artifacts: ArtifactReader;
  tracking: TrackingService;
  clusters: ClusterRuns;
  userInfo: UserInfoService;
  queue: RunQueue;
  retention: Retention;
  prices?: Prices;
  changes: Changes;
  promotion: PromotionTargets;
  finder: ResourceFinder;
  /** What the portal does by itself; health tells how each stands. */
  loops: BackgroundLoop[];
}

/** All routes of the plugin. */
export function createRoutes(targets: RouteTargets): Route[] {
  return [
    ...projectRoutes(targets),
    ...fileRoutes(targets),
    ...runRoutes(targets),
    ...runControlRoutes(targets),
    ...promotionRoutes(targets),
    ...changeRoutes(targets),
    ...effectRoutes(targets),
    ...modelRoutes(targets),
    ...portalRoutes(targets),
  ];
}
