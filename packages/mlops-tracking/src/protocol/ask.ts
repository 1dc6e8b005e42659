/* One request of the protocol, and what most routes begin with: the experiment or run that it names, if the caller may have it. */
import type { RunRow } from '../experiments/RunStore';
import type { TrackingService } from '../TrackingService';
import { missing } from './errors';
import type { Fields } from './fields';
import type { Guard } from './Guard';

/** One request: who asks, and what. */
export interface Ask {
  fields: Fields;
  guard: Guard;
  tracking: TrackingService;
  /** Path of the file in git that declares an alias. */
  declaredIn?(registeredName: string, alias: string): string | undefined;
}

/** A route as a plain function. */
export type Handler = (ask: Ask) => Promise<object>;

export async function experimentOf(
  { fields, tracking, guard }: Ask,
  action: 'read' | 'write',
) {
  const text = fields.string('experiment_id');
  const found = /^\d{1,9}$/.test(text)
    ? await tracking.experiments.find({ id: Number(text) })
    : undefined;
  if (!found || !(await guard.sees(found.id)))
    throw missing(`No Experiment with id=${text} exists`);
  await guard.experiment(action, found.id);
  return found;
}

export async function runOf(
  { fields, tracking, guard }: Ask,
  action: 'read' | 'write',
): Promise<RunRow> {
  const id =
    fields.optionalString('run_id') ??
    fields.optionalString('run_uuid') ??
    fields.string('run_id');
  const run = await tracking.runs.find(id);
  if (!run) throw missing(`Run with id=${id} not found`);
  await guard.run(action, run);
  return run;
}
