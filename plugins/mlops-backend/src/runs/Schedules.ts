/*
 * The schedules of all projects: each second it is asked of each whether one of its times has come. The run is stored under the
 * time before the time is written down, so neither a crash nor a second portal loses or doubles one.
 */
import type { LoggerService } from '@backstage/backend-plugin-api';
import { nextTimes, type CronFacts } from '@backstage-mlops/argo-engine';
import type {
  ProjectSchedule,
  ScheduleSummary,
} from '@backstage-mlops/mlops-core';
import { BackgroundLoop } from '../BackgroundLoop';
import { isFaulty, type GitopsIndex } from '../gitops/GitopsIndex';
import { pipelineOf } from '../projects/findPipeline';
import { decideSchedule, timesOf } from './decideSchedule';
import { failpoint } from './failpoint';
import type { RunSupervisor } from './RunSupervisor';
import type { RunService } from './RunService';
import type { ClusterSync } from '../sync/ClusterSync';
import type { ScheduleRow, ScheduleStore } from './ScheduleStore';

export interface SchedulesOptions {
  index: GitopsIndex;
  store: ScheduleStore;
  runService: RunService;
  engine: RunSupervisor;
  /** Where a cluster starts the schedules of a project, and how these stand there. */
  clusters: Pick<ClusterSync, 'keeps' | 'factsOf'>;
  logger: LoggerService;
  everyMs?: number;
}

/** A pause of the loop that is longer means that times were missed. */
const longestPauseMs = 20_000;
const shownTimes = 5;

export class Schedules {
  readonly loop: BackgroundLoop;
  private awakeSince = new Date();
  private lookedAt?: number;
  private readonly rows = new Map<string, ScheduleRow>();
  private readonly faults = new Map<string, string>();

  constructor(private readonly options: SchedulesOptions) {
    this.loop = new BackgroundLoop({
      name: 'schedules',
      everyMs: options.everyMs ?? 1000,
      logger: options.logger,
      work: () => this.round(new Date()),
    });
  }

  private async round(now: Date): Promise<void> {
    if (
      this.lookedAt === undefined ||
      now.getTime() - this.lookedAt > longestPauseMs
    )
      this.awakeSince = now;
    this.lookedAt = now.getTime();
    for (const row of await this.options.store.list())
      this.rows.set(`${row.project}/${row.name}`, row);
    for (const { read } of this.options.index.list()) {
      if (this.options.clusters.keeps(read)) continue;
      for (const schedule of read.schedules) {
        const key = `${read.name}/${schedule.name}`;
        try {
          if (!isFaulty(read)) await this.look(read.name, schedule, now);
          this.faults.delete(key);
        } catch (error) {
          // One schedule that cannot run keeps no other from it.
          const { message } = error as Error;
          if (this.faults.get(key) !== message)
            this.options.logger.warn(`Schedule ${key}: ${message}`);
          this.faults.set(key, message);
        }
      }
    }
  }

  private async look(
    project: string,
    schedule: ProjectSchedule,
    now: Date,
  ): Promise<void> {
    const { store, runService, engine, logger } = this.options;
    const { document, name } = schedule;
    if (!document) return;
    const row =
      this.rows.get(`${project}/${name}`) ??
      (await store.see(project, name, now.toISOString()));
    if (row.stoppedAt) return;
    // Most of the time no time has come, and nothing is asked of the database.
    const [next] = nextTimes(
      timesOf(document.manifest.spec),
      new Date(row.lastScheduledAt),
      1,
    );
    if (!next || next > now) return;
    const runs = await store.runsOf(project, name);
    const counts = {
      succeeded:
        row.gone.succeeded +
        runs.filter(run => run.phase === 'Succeeded').length,
      failed:
        row.gone.failed +
        runs.filter(run => ['Failed', 'Error'].includes(run.phase)).length,
    };
    await store.count(row, counts);
    const decision = decideSchedule({
      spec: document.manifest.spec,
      facts: factsOf(schedule, { ...row, ...counts }),
      lastScheduled: new Date(row.lastScheduledAt),
      awakeSince: this.awakeSince,
      now,
      active: runs
        .filter(run => ['Pending', 'Running'].includes(run.phase))
        .map(run => run.id),
    });
    if (decision.do === 'stop') {
      logger.info(`Schedule ${project}/${name} ends: ${decision.why}`);
      await store.stop(row, now.toISOString());
    } else if (decision.do === 'pass')
      await store.advance(row, decision.to.toISOString(), {
        why: decision.why,
      });
    else if (decision.do === 'run') {
      for (const id of decision.replace)
        await engine.stop(id, 'Terminate').catch(() => undefined);
      const at = decision.at.toISOString();
      const run = await runService.submitScheduled({ project, name }, at);
      failpoint('schedule-submitted');
      await store.advance(row, at, { run: { id: run.id, at } });
    }
  }

  /** What the scheduler has of a project, for who compares it with git. */
  taken(
    project: string,
  ): Record<string, { fault?: string; stoppedAt?: string }> {
    const found: Record<string, { fault?: string; stoppedAt?: string }> = {};
    for (const row of this.rows.values()) {
      if (row.project !== project) continue;
      const fault = this.faults.get(`${project}/${row.name}`);
      found[row.name] = {
        ...(fault && { fault }),
        ...(row.stoppedAt && { stoppedAt: row.stoppedAt }),
      };
    }
    return found;
  }

  /** How the schedules of a project stand. */
  async describe(
    project: string,
    schedules: ProjectSchedule[],
  ): Promise<ScheduleSummary[]> {
    const found = this.options.index.find(project);
    const there = found && this.options.clusters.factsOf(found)?.schedules;
    const rows = new Map(
      (await this.options.store.list())
        .filter(row => row.project === project)
        .map(row => [row.name, row]),
    );
    return schedules.map(schedule => {
      const { name, file, title, description, document, problems } = schedule;
      const spec = document?.manifest.spec ?? {};
      const row = rows.get(name);
      const { fault, stoppedAt } = there
        ? there[name] ?? {}
        : {
            fault: this.faults.get(`${project}/${name}`),
            stoppedAt: row?.stoppedAt,
          };
      // Nothing of a project that has a fault is started here.
      const isHeld = !there && found !== undefined && isFaulty(found.read);
      const rests = Boolean(spec.suspend || stoppedAt || isHeld);
      const times = timesOf(spec);
      return {
        name,
        file,
        title,
        description,
        pipeline: pipelineOf(schedule),
        schedules: times.schedules,
        timezone: times.timezone ?? 'UTC',
        concurrencyPolicy: spec.concurrencyPolicy || 'Allow',
        suspended: Boolean(spec.suspend),
        ...(stoppedAt ? { stoppedAt } : {}),
        ...(row?.lastRunId
          ? { lastRun: { id: row.lastRunId, scheduledFor: row.lastRunAt! } }
          : {}),
        ...(fault ? { fault } : {}),
        ...(row?.passed ? { passed: row.passed } : {}),
        next: rests
          ? []
          : nextTimes(times, new Date(), shownTimes).map(time =>
              time.toISOString(),
            ),
        problems,
      };
    });
  }
}

function factsOf(
  { name, document }: ProjectSchedule,
  row: Pick<ScheduleRow, 'succeeded' | 'failed' | 'lastRunAt'>,
): CronFacts {
  const metadata = document?.manifest.metadata ?? {};
  return {
    name,
    namespace: 'default',
    labels: metadata.labels ?? {},
    annotations: metadata.annotations ?? {},
    succeeded: row.succeeded,
    failed: row.failed,
    ...(row.lastRunAt ? { lastScheduledTime: new Date(row.lastRunAt) } : {}),
  };
}
