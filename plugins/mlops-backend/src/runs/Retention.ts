/*
 * What a project keeps, and what its policy in git takes away. Bytes go before records, so a crash in between is made good by the
 * next round.
 */
import type { LoggerService } from '@backstage/backend-plugin-api';
import type {
  ArtifactStore,
  ProjectStorage,
  RetentionPlan,
} from '@backstage-mlops/mlops-core';
import { removeTree } from '@backstage-mlops/mlops-executor';
import type { TrackingService } from '@backstage-mlops/mlops-tracking';
import type { Knex } from 'knex';
import path from 'node:path';
import { BackgroundLoop } from '../BackgroundLoop';
import type { GitopsIndex } from '../gitops/GitopsIndex';
import type { ClusterRuns } from './ClusterRuns';
import type { GitRepository } from '../gitops/GitRepository';
import { failpoint } from './failpoint';
import type { FolderSweep } from './FolderSweep';
import { activePhases, type Leases } from './Leases';
import { makersOf } from './makersOf';
import {
  planRetention,
  type HistoryLimits,
  type OldRun,
  type RetentionRules,
} from './planRetention';
import { ScheduleStore } from './ScheduleStore';

export interface RetentionOptions {
  knex: Knex;
  index: GitopsIndex;
  artifacts: ArtifactStore;
  tracking: TrackingService;
  clusters: ClusterRuns;
  repository: GitRepository;
  leases: Leases;
  folders: FolderSweep;
  dataDirectory: string;
  logger: LoggerService;
}

const everyMs = 60 * 60 * 1000;
const mostRuns = 20_000;

export class Retention {
  readonly loop: BackgroundLoop;
  /** Names that held a commit for no run when they were looked at last. */
  private heldForNothing = new Set<string>();

  constructor(private readonly options: RetentionOptions) {
    this.loop = new BackgroundLoop({
      name: 'retention',
      everyMs,
      patienceMs: 30 * 60 * 1000,
      logger: options.logger,
      work: async () => {
        // What goes wrong with one project keeps nothing of the others.
        for (const { read } of options.index.list())
          await this.apply(read.name).catch(error =>
            options.logger.warn(
              `Retention of ${read.name} failed: ${error.message}`,
            ),
          );
        await options.artifacts.sweep();
        await options.folders.sweep();
        await this.letCommitsGo();
      },
    });
  }

  // A commit is held before its run is stored: only a name that stood for nothing a round ago, too, is one that a crash left.
  private async letCommitsGo(): Promise<void> {
    const { knex, repository } = this.options;
    const rows: { id: string }[] = await knex('mlops_runs').select('id');
    const known = new Set(rows.map(row => row.id));
    const unknown = (await repository.heldBy('runs')).filter(
      name => !known.has(name),
    );
    for (const name of unknown)
      if (this.heldForNothing.has(name))
        await repository.letGo(`refs/mlops/runs/${name}`);
    this.heldForNothing = new Set(unknown);
  }

  /** What git says of a project's old runs; undefined when it says nothing. */
  private rulesOf(project: string): RetentionRules | undefined {
    const read = this.options.index.find(project)?.read;
    const policy = read?.project?.spec.retention;
    const schedules = new Map<string, HistoryLimits>();
    for (const { name, document } of read?.schedules ?? []) {
      const { successfulJobsHistoryLimit, failedJobsHistoryLimit } =
        document?.manifest.spec ?? {};
      if ((successfulJobsHistoryLimit ?? failedJobsHistoryLimit) !== undefined)
        schedules.set(name, {
          succeeded: successfulJobsHistoryLimit ?? undefined,
          failed: failedJobsHistoryLimit ?? undefined,
        });
    }
    return policy || schedules.size > 0 ? { policy, schedules } : undefined;
  }

  /** What is kept, and what grows. */
  async storage(project: string): Promise<ProjectStorage> {
    const { knex, artifacts, tracking } = this.options;
    const rows = await this.rows(project);
    const between = new Map(
      (await artifacts.sizes('workflows')).map(item => [
        item.segment,
        item.sizeBytes,
      ]),
    );
    const ofRuns = new Map(
      (await artifacts.sizes('tracking')).map(item => [
        item.segment,
        item.sizeBytes,
      ]),
    );
    const models = (await artifacts.sizes('models')).filter(item =>
      item.segment.startsWith(`${project}.`),
    );
    const experiment = await tracking.experiments.ensure(project, Date.now());
    const trackingRuns: { run_uuid: string }[] = await knex('tracking_runs')
      .where({ experiment_id: experiment })
      .select('run_uuid');
    const [{ count }] = await knex('mlops_caches')
      .where({ project })
      .count({ count: '*' });
    // History limits of schedules alone are a policy, too.
    const rules = this.rulesOf(project);
    const retention = rules && (rules.policy ?? {});
    const days = new Map<string, { runs: number; bytes: number }>();
    for (const row of rows) {
      const day = days.get(row.created_at.slice(0, 10)) ?? {
        runs: 0,
        bytes: 0,
      };
      day.runs += 1;
      day.bytes += Number(row.storage_bytes ?? 0) + (between.get(row.id) ?? 0);
      days.set(row.created_at.slice(0, 10), day);
    }
    return {
      runs: rows.length,
      stepBytes: sum(rows.map(row => Number(row.storage_bytes ?? 0))),
      artifactBytes: sum(rows.map(row => between.get(row.id) ?? 0)),
      trackingBytes: sum(
        trackingRuns.map(row => ofRuns.get(row.run_uuid) ?? 0),
      ),
      modelBytes: sum(models.map(item => item.sizeBytes)),
      cacheEntries: Number(count),
      growth: [...days]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .slice(-14)
        .map(([day, figures]) => ({ day, ...figures })),
      ...(retention ? { retention } : {}),
    };
  }

  private rows(project: string): Promise<any[]> {
    return this.options
      .knex('mlops_runs')
      .where({ project })
      .orderBy('sequence', 'desc')
      .limit(mostRuns)
      .select(
        'id',
        'pipeline',
        'phase',
        'created_at',
        'finished_at',
        'removed',
        'storage_bytes',
        'origin',
        'tracking_run_id',
        'trigger_kind',
        'trigger_by',
      );
  }

  /** What the policy would take away now. */
  async plan(project: string, now = new Date()): Promise<RetentionPlan> {
    const rules = this.rulesOf(project);
    if (!rules) return { items: [], kept: [], bytes: 0 };
    const rows = await this.rows(project);
    const sizes = new Map(
      (await this.options.artifacts.sizes('workflows')).map(item => [
        item.segment,
        item.sizeBytes,
      ]),
    );
    const over = rows.filter(
      row => !activePhases.includes(row.phase) && row.finished_at,
    );
    return planRetention(
      rules,
      over.map(
        (row): OldRun => ({
          id: row.id,
          pipeline: row.pipeline,
          finishedAt: row.finished_at,
          stepBytes: Number(row.storage_bytes ?? 0),
          artifactBytes: sizes.get(row.id) ?? 0,
          removed: row.removed ? JSON.parse(row.removed) : [],
          succeeded: row.phase === 'Succeeded',
          ...(row.trigger_kind === 'schedule'
            ? { schedule: row.trigger_by }
            : {}),
        }),
      ),
      await this.protectedRuns(project, rows),
      now,
    );
  }

  private async protectedRuns(
    project: string,
    rows: any[],
  ): Promise<Map<string, string>> {
    const { knex, tracking } = this.options;
    const registered = await tracking.registeringRuns(project);
    const active = rows.filter(row => activePhases.includes(row.phase));
    const made = await makersOf(knex, [
      ...registered.keys(),
      ...active.map(row => row.id),
    ]);
    const found = new Map<string, string>();
    for (const row of active) {
      const why = `run '${row.id}' goes on from it`;
      for (const maker of made.get(row.id) ?? []) found.set(maker, why);
      if (row.origin) found.set(JSON.parse(row.origin).run, why);
    }
    for (const [run, version] of registered)
      for (const maker of made.get(run) ?? [])
        found.set(maker, `run '${run}', which registered ${version}, uses it`);
    for (const [run, version] of registered)
      found.set(run, `it registered ${version}`);
    return found;
  }

  /** Takes away what the policy says, and tells what it was. */
  async apply(project: string): Promise<RetentionPlan> {
    const plan = await this.plan(project);
    for (const { run, removes } of plan.items) {
      // Somebody may have it since: a person who retries it, or a portal that ends its last steps.
      const lease = await this.options.leases.take(run);
      if (!lease) continue;
      try {
        if (await this.isOver(run)) await this.remove(run, removes);
      } finally {
        await this.options.leases.release(lease);
      }
    }
    if (plan.items.length > 0)
      this.options.logger.info(
        `Retention of ${project}: ${plan.items.length} runs, ${plan.bytes} bytes.`,
      );
    return plan;
  }

  /** The same for a person, who looks at the disk afterwards. */
  async applyNow(project: string): Promise<RetentionPlan> {
    const plan = await this.apply(project);
    await this.options.artifacts.sweep();
    return plan;
  }

  private async isOver(run: string): Promise<boolean> {
    const row = await this.options
      .knex('mlops_runs')
      .where({ id: run })
      .first('phase');
    return row !== undefined && !activePhases.includes(row.phase);
  }

  private async remove(
    run: string,
    removes: RetentionPlan['items'][number]['removes'],
  ): Promise<void> {
    const whole = removes.includes('run');
    if (whole || removes.includes('artifacts')) await this.removeBytes(run);
    failpoint('retention-bytes-removed');
    if (whole || removes.includes('logs')) await this.removeFolder(run);
    failpoint('retention-folder-removed');
    if (whole) await this.removeRecord(run);
    else await this.markRemoved(run, removes as ('logs' | 'artifacts')[]);
  }

  private async removeBytes(run: string): Promise<void> {
    const { knex, artifacts, clusters } = this.options;
    // An entry of a cache whose files are gone would break the run that finds it.
    await knex('mlops_caches').where({ run_id: run }).delete();
    await artifacts.delete(`workflows/${run}`);
    await clusters.removeArtifacts(run);
  }

  private async removeFolder(run: string): Promise<void> {
    await removeTree(path.join(this.options.dataDirectory, 'runs', run));
  }

  private async removeRecord(run: string): Promise<void> {
    const { knex, tracking, clusters } = this.options;
    const row = await knex('mlops_runs')
      .where({ id: run })
      .first(
        'tracking_run_id',
        'engine',
        'phase',
        'project',
        'trigger_kind',
        'trigger_by',
      );
    if (row) {
      await clusters.forget(row.engine, run);
      await tracking.forgetRun(row.tracking_run_id);
    }
    await knex.transaction(async trx => {
      if (row?.trigger_kind === 'schedule')
        await ScheduleStore.forget(
          trx,
          { project: row.project, name: row.trigger_by },
          row.phase,
        );
      for (const [table, column] of [
        ['mlops_step_attempts', 'run_id'],
        ['mlops_idempotency', 'run_id'],
        ['mlops_cache_uses', 'run_id'],
        ['mlops_lock_holders', 'run_id'],
        ['mlops_runs', 'id'],
      ])
        await trx(table)
          .where({ [column]: run })
          .delete();
    });
    await this.options.repository.letGo(`refs/mlops/runs/${run}`);
  }

  private async markRemoved(
    run: string,
    parts: ('logs' | 'artifacts')[],
  ): Promise<void> {
    const { knex } = this.options;
    const row = await knex('mlops_runs').where({ id: run }).first('removed');
    const removed = new Set([
      ...(row?.removed ? JSON.parse(row.removed) : []),
      ...parts,
    ]);
    await knex('mlops_runs')
      .where({ id: run })
      .update({
        removed: JSON.stringify([...removed]),
        ...(parts.includes('logs') ? { storage_bytes: 0 } : {}),
      });
  }
}

const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
