import type { RunRow } from '../experiments/RunStore';
import type { TrackingService } from '../TrackingService';
import { missing, MlflowError } from './errors';

/** Who asks: a step with the token of its run, or a person. @public */
export type TrackingPrincipal =
  | {
      kind: 'run';
      project: string;
      trackingRunId: string;
      experimentId: number;
    }
  | { kind: 'user'; canWrite: boolean };

/** Holds every call against what its caller may do. A step sees its own experiment and writes to its own run and child runs. */
export class Guard {
  constructor(
    private readonly principal: TrackingPrincipal,
    private readonly tracking: TrackingService,
  ) {}

  private forbid(): never {
    throw new MlflowError('PERMISSION_DENIED', 'Permission denied.');
  }

  async experiment(action: 'read' | 'write', id: number): Promise<void> {
    const { principal } = this;
    if (
      principal.kind === 'run'
        ? principal.experimentId !== id
        : action === 'write' && !principal.canWrite
    )
      this.forbid();
  }

  async newExperiment(_name: string): Promise<void> {
    if (this.principal.kind === 'run' || !this.principal.canWrite)
      this.forbid();
  }

  async run(action: 'read' | 'write', run: RunRow): Promise<void> {
    await this.experiment(action, run.experiment_id);
    if (
      this.principal.kind === 'run' &&
      action === 'write' &&
      !(await this.isOwn(run))
    )
      this.forbid();
  }

  private async isOwn(run: RunRow): Promise<boolean> {
    if (this.principal.kind !== 'run') return true;
    if (run.run_uuid === this.principal.trackingRunId) return true;
    const parent = run.parent_id
      ? await this.tracking.runs.findById(run.parent_id)
      : undefined;
    return parent?.run_uuid === this.principal.trackingRunId;
  }

  /** The run that a new run hangs on. A step's new runs always hang on its own. */
  async parentFor(wanted: string | undefined): Promise<RunRow | undefined> {
    const id =
      this.principal.kind === 'run' ? this.principal.trackingRunId : wanted;
    if (id === undefined) return undefined;
    const parent = await this.tracking.runs.find(id);
    if (!parent) throw missing(`Run with id=${id} not found`);
    if (this.principal.kind === 'run' && wanted !== undefined && wanted !== id)
      this.forbid();
    return parent;
  }

  async model(action: 'read' | 'write', name: string): Promise<void> {
    const { principal } = this;
    if (
      principal.kind === 'run'
        ? !name.startsWith(`${principal.project}.`)
        : action === 'write' && !principal.canWrite
    )
      this.forbid();
  }

  async list(): Promise<void> {
    if (this.principal.kind === 'run') this.forbid();
  }
}
