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
  | {
      kind: 'user';
      canWrite: boolean;
      /** Projects whose records they see; undefined for all there is. */
      readable?: string[];
      /** Projects whose records they change; undefined for all there is. */
      writable?: string[];
    };

/**
 * Holds every call against what its caller may do. A step sees its own experiment and writes to its own run and child runs. For a
 * person who may not see a project, its records are not there.
 */
export class Guard {
  constructor(
    private readonly principal: TrackingPrincipal,
    private readonly tracking: TrackingService,
  ) {}

  private forbid(): never {
    throw new MlflowError('PERMISSION_DENIED', 'Permission denied.');
  }

  /** Names of experiments that the caller sees; undefined for all. */
  get readable(): string[] | undefined {
    return this.principal.kind === 'user' ? this.principal.readable : undefined;
  }

  /** Whether the caller may know of an experiment. */
  async sees(id: number): Promise<boolean> {
    if (!this.readable) return true;
    const found = await this.tracking.experiments.find({ id });
    return found !== undefined && this.readable.includes(found.name);
  }

  /** Whether the caller may know of a model. */
  seesModel(name: string): boolean {
    return !this.readable || this.readable.includes(projectOf(name));
  }

  async experiment(action: 'read' | 'write', id: number): Promise<void> {
    const { principal } = this;
    if (principal.kind === 'run') {
      if (principal.experimentId !== id) this.forbid();
      return;
    }
    if (!(await this.sees(id)))
      throw missing(`No Experiment with id=${id} exists`);
    if (action === 'write') await this.writes(id);
  }

  private async writes(id: number): Promise<void> {
    if (this.principal.kind !== 'user') return;
    const { canWrite, writable } = this.principal;
    if (!canWrite) this.forbid();
    if (!writable) return;
    const found = await this.tracking.experiments.find({ id });
    if (!found || !writable.includes(found.name)) this.forbid();
  }

  /** A new experiment, or a new name of one. */
  async newExperiment(name: string): Promise<void> {
    const { principal } = this;
    if (principal.kind === 'run' || !principal.canWrite) this.forbid();
    if (principal.writable && !principal.writable.includes(name)) this.forbid();
  }

  async run(action: 'read' | 'write', run: RunRow): Promise<void> {
    if (!(await this.sees(run.experiment_id)))
      throw missing(`Run with id=${run.run_uuid} not found`);
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
    await this.run('read', parent);
    return parent;
  }

  async model(action: 'read' | 'write', name: string): Promise<void> {
    const { principal } = this;
    if (principal.kind === 'run') {
      if (!name.startsWith(`${principal.project}.`)) this.forbid();
      return;
    }
    if (!this.seesModel(name))
      throw missing(`Registered Model with name=${name} not found`);
    if (action === 'read') return;
    const { canWrite, writable } = principal;
    if (!canWrite || (writable && !writable.includes(projectOf(name))))
      this.forbid();
  }

  async list(): Promise<void> {
    if (this.principal.kind === 'run') this.forbid();
  }
}

// A registered model is named `<project>.<model>`.
const projectOf = (model: string) =>
  model.slice(0, Math.max(0, model.indexOf('.')));
