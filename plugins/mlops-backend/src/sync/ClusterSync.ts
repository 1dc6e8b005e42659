/*
 * Has each cluster have what git asks for: at once after a commit, and again every half minute, since somebody may have changed it
 * there. How each file stands is kept for whoever compares git with what is.
 */
import type {
  EngineFacts,
  EngineFile,
  EngineFileState,
  ReadProject,
  WorkflowEngine,
} from '@backstage-mlops/mlops-core';
import type { LoggerService } from '@backstage/backend-plugin-api';
import { BackgroundLoop } from '../BackgroundLoop';
import type { GitopsIndex, IndexedProject } from '../gitops/GitopsIndex';
import type { ClusterRuns } from '../runs/ClusterRuns';
import { toEngineFiles, type ToEngineFilesOptions } from './toEngineFiles';

export interface ClusterSyncOptions extends ToEngineFilesOptions {
  index: GitopsIndex;
  clusters: ClusterRuns;
  defaultEngine: string;
  logger: LoggerService;
  everyMs?: number;
}

interface Known {
  /** By `kind/project/name`. */
  states: Map<string, EngineFileState>;
  /** What was asked for: the newest commit, and by project the signature of its files. */
  commit?: string;
  signatures: Map<string, string>;
  isBusy?: boolean;
  /** Milliseconds since the epoch: not to be asked before. */
  nextAt: number;
  failures: number;
  trouble?: string;
}

const againMs = 30_000;
const firstWaitMs = 2_000;

export class ClusterSync {
  readonly loop: BackgroundLoop;
  private readonly known = new Map<string, Known>();
  private readonly clusters: WorkflowEngine[];

  constructor(private readonly options: ClusterSyncOptions) {
    this.clusters = options.clusters.all.filter(({ sync }) => sync);
    this.loop = new BackgroundLoop({
      name: 'clusters',
      everyMs: options.everyMs ?? 1_000,
      logger: options.logger,
      // A cluster that does not answer holds up no other, nor the end of the portal.
      work: async () => {
        for (const engine of this.clusters)
          this.look(engine).catch(error => options.logger.warn(String(error)));
      },
    });
  }

  /** Whether a cluster has the files of a project, and starts its schedules itself. */
  keeps(read: ReadProject): boolean {
    return this.engineOf(read) !== undefined;
  }

  /** How a project stands on its cluster; undefined when it runs on this machine. */
  factsOf({
    read,
    signature,
    commit,
  }: IndexedProject):
    | Required<
        Pick<
          EngineFacts,
          'schedules' | 'pipelines' | 'keepsCopies' | 'isUnknown'
        >
      >
    | undefined {
    const engine = this.engineOf(read);
    if (!engine) return undefined;
    const known = this.knownOf(engine);
    // A commit that changed nothing of the project changes nothing on the cluster.
    const isAsked = known.signatures.get(read.name) === signature;
    const of = (kind: EngineFile['kind']) =>
      Object.fromEntries(
        [...known.states.values()]
          .filter(item => item.kind === kind && item.project === read.name)
          .map(({ kind: _kind, project: _project, name, ...state }) => [
            name,
            isAsked && state.commit === known.commit
              ? { ...state, commit }
              : state,
          ]),
      );
    return {
      keepsCopies: true,
      isUnknown: known.commit === undefined,
      pipelines: of('pipeline'),
      schedules: of('schedule'),
    };
  }

  /** Why a cluster does not have what git asks for, by its name. */
  get troubles(): Record<string, string> {
    return Object.fromEntries(
      [...this.known].flatMap(([name, { trouble }]) =>
        trouble ? [[name, trouble]] : [],
      ),
    );
  }

  private engineOf({ project }: ReadProject): WorkflowEngine | undefined {
    const name = project?.spec.engine ?? this.options.defaultEngine;
    return this.clusters.find(engine => engine.name === name);
  }

  private knownOf({ name }: WorkflowEngine): Known {
    const known = this.known.get(name) ?? {
      states: new Map(),
      signatures: new Map(),
      nextAt: 0,
      failures: 0,
    };
    this.known.set(name, known);
    return known;
  }

  private async look(engine: WorkflowEngine): Promise<void> {
    const { index, logger } = this.options;
    const known = this.knownOf(engine);
    const { commit } = index;
    const isDue = Date.now() >= known.nextAt;
    const isNew = commit !== known.commit && known.failures === 0;
    if (commit === undefined || known.isBusy || !(isDue || isNew)) return;
    known.isBusy = true;
    try {
      const projects = index
        .list()
        .filter(({ read }) => this.engineOf(read) === engine);
      const states = await this.sync(engine, projects);
      known.signatures = new Map(
        projects.map(({ read, signature }) => [read.name, signature]),
      );
      known.commit = commit;
      known.states = new Map(states.map(state => [keyOf(state), state]));
      known.failures = 0;
      known.trouble = undefined;
      known.nextAt = Date.now() + againMs;
    } catch (error) {
      const { message } = error as Error;
      if (known.trouble !== message)
        logger.warn(`Cluster ${engine.name} is not as git asks: ${message}`);
      known.trouble = message;
      known.failures += 1;
      known.nextAt =
        Date.now() + Math.min(againMs, firstWaitMs * 2 ** (known.failures - 1));
    } finally {
      known.isBusy = false;
    }
  }

  private async sync(
    engine: WorkflowEngine,
    projects: IndexedProject[],
  ): Promise<EngineFileState[]> {
    const { clusters, repo } = this.options;
    const files = projects.flatMap(project =>
      toEngineFiles(project, this.options),
    );
    try {
      if (files.length > 0) clusters.checkReachable(repo);
    } catch (error) {
      // What no pod could run is not put there.
      return files.map(({ kind, project, name }) => ({
        kind,
        project,
        name,
        fault: (error as Error).message,
      }));
    }
    return engine.sync!({
      source: repo,
      values: clusters.valueNames,
      files: withoutTwins(files),
    });
  }
}

// Shared files are asked for by every project that refers to them.
const withoutTwins = (files: EngineFile[]) => [
  ...new Map(
    files.map(file => [`${keyOf(file)}/${file.clusterScope ?? ''}`, file]),
  ).values(),
];

const keyOf = ({
  kind,
  project = '',
  name,
}: Pick<EngineFile, 'kind' | 'project' | 'name'>) =>
  `${kind}/${project}/${name}`;
