/*
 * Logs of one run on a cluster. Its pods go, and their logs with them; so each log is copied while its step goes on, and an attempt
 * in the database says where to. An attempt is written down before its log is copied.
 */
import type { NodeStatus, WorkflowState } from '@backstage-mlops/argo-engine';
import type { WorkflowEngine } from '@backstage-mlops/mlops-core';
import { keepLog } from '@backstage-mlops/mlops-executor';
import {
  newAttempt,
  type AttemptEnd,
  type StepAttemptRow,
} from './AttemptStore';
import { activePhases, LeaseLostError } from './Leases';
import type { Slots } from './Slots';

export interface ClusterLogsOptions {
  engine: WorkflowEngine;
  /** Places for logs of steps that are over, which are read at once; a step that goes on is followed without one. */
  reading: Slots;
  folder: string;
  /** How much of a log is kept. */
  logBytes?: number;
  onTrouble(error: Error): void;
}

/** A log that begins to be kept. */
export interface LogBeginning {
  node: NodeStatus;
  attempt: StepAttemptRow;
}

export class ClusterLogs {
  /** Attempts whose log is kept whole and that are not written down as such. */
  readonly ended: AttemptEnd[] = [];
  private readonly leaving = new AbortController();
  private readonly copies = new Map<string, Promise<void>>();
  private readonly directories = new Map<string, string>();
  private attempts: StepAttemptRow[] = [];

  constructor(
    private readonly runId: string,
    private readonly options: ClusterLogsOptions,
  ) {}

  /** Takes over what earlier portals wrote down. */
  goOn(attempts: StepAttemptRow[]): void {
    this.attempts = attempts;
  }

  /** Where the log of a node is kept. */
  directoryOf(nodeId: string): string | undefined {
    return this.directories.get(nodeId);
  }

  /** Logs that begin with a state; once they are written down, `begin` has to be told. */
  choose(state: WorkflowState): LogBeginning[] {
    const steps = Object.values(state.nodes).filter(
      node => node.type === 'Pod' && node.phase !== 'Pending',
    );
    for (const node of steps) this.goOnKeeping(node);
    return steps
      .filter(node => !this.copies.has(keyOf(node)))
      .map(node => ({ node, attempt: this.nextAttempt(node.id) }));
  }

  // The log of a node that an earlier portal began to keep. A node that began anew, by a retry, has a log of its own.
  private goOnKeeping(node: NodeStatus): void {
    const key = keyOf(node);
    const known = this.copies.has(key)
      ? undefined
      : this.attempts.filter(({ nodeId }) => nodeId === node.id).at(-1);
    if (!known || known.createdAt < node.startedAt) return;
    this.directories.set(node.id, known.directory);
    this.copies.set(
      key,
      known.state === 'open' ? this.copy(node, known) : Promise.resolve(),
    );
  }

  // Nobody else adds attempts of a run that is led here, so their number is known.
  private nextAttempt(nodeId: string): StepAttemptRow {
    const count = this.attempts.filter(row => row.nodeId === nodeId).length;
    return newAttempt(this.options.folder, this.runId, nodeId, count);
  }

  /** Copies logs that are written down. */
  begin(beginnings: LogBeginning[]): void {
    for (const { node, attempt } of beginnings) {
      this.attempts.push(attempt);
      this.directories.set(node.id, attempt.directory);
      this.copies.set(keyOf(node), this.copy(node, attempt));
    }
  }

  private async copy(node: NodeStatus, attempt: StepAttemptRow): Promise<void> {
    const { engine, logBytes, reading, onTrouble } = this.options;
    const { signal } = this.leaving;
    const leave = isOver(node) ? await reading.take(signal) : undefined;
    try {
      await keepLog(attempt.directory, {
        read: () => engine.followLog(this.runId, node.id, signal),
        limitBytes: logBytes,
        end: async () => {
          // Cut off by the portal's own end: the next one goes on.
          if (signal.aborted) throw new LeaseLostError(this.runId);
          const seen = await engine.observe(this.runId);
          return endOf(seen?.state.nodes[node.id] ?? node);
        },
      });
      const { nodeId, attempt: number } = attempt;
      this.ended.push({ nodeId, attempt: number, state: 'ended' });
    } catch (error) {
      if (!signal.aborted) onTrouble(error as Error);
    } finally {
      leave?.();
    }
  }

  /** Resolves when no log is copied any more. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.copies.values());
  }

  /** Another portal goes on with them. */
  leave(): void {
    this.leaving.abort();
  }
}

const keyOf = ({ id, startedAt }: NodeStatus) => `${id} ${startedAt}`;

const isOver = ({ phase }: NodeStatus) => !activePhases.includes(phase);

const endOf = ({ phase, outputs, startedAt, finishedAt }: NodeStatus) => ({
  exitCode: Number(outputs?.exitCode ?? (phase === 'Succeeded' ? 0 : 1)),
  startedAt,
  finishedAt: finishedAt ?? new Date().toISOString(),
});
