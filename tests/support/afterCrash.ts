/*
 * What must hold once a portal has come back: every run has an end, every step ran once, nothing runs on, nothing lies about.
 */
import fs from 'node:fs';
import path from 'node:path';

/** A row as any database gives it. */
type Row = Record<string, any>;
/** Asks the plugin's database. */
export type Ask = (sql: string) => Promise<Row[]>;

/** Faults that a database and a disk show; empty when all is well. */
export async function faultsOf(ask: Ask, data: string): Promise<string[]> {
  const runs = await ask('select * from mlops_runs');
  const attempts = await ask('select * from mlops_step_attempts');
  const tracking = await ask('select run_uuid, status from tracking_runs');
  return [
    ...runs.flatMap(run => faultsOfRun(run, attempts, tracking)),
    ...faultsOfDisk(data, runs, attempts),
    ...livingSteps(runs),
  ];
}

function faultsOfRun(run: Row, attempts: Row[], tracking: Row[]): string[] {
  const faults: string[] = [];
  const state = JSON.parse(run.state);
  const own = attempts.filter(row => row.run_id === run.id);
  if (!['Succeeded', 'Failed', 'Error'].includes(run.phase))
    faults.push(`${run.id} has no end: ${run.phase}`);
  if (state.phase !== run.phase)
    faults.push(
      `${run.id}: ${run.phase} in the list, ${state.phase} in the tree`,
    );
  if (run.token_hash !== null)
    faults.push(`${run.id}: the token of its steps is still good`);
  const kept = tracking.find(row => row.run_uuid === run.tracking_run_id);
  if (!kept || kept.status === 'RUNNING')
    faults.push(`${run.id}: its tracking run is ${kept?.status ?? 'missing'}`);
  for (const node of Object.values<Row>(state.nodes)) {
    if (['Pending', 'Running'].includes(node.phase))
      faults.push(`${run.id}: ${node.name} is ${node.phase} for ever`);
    if (node.type !== 'Pod') continue;
    const ran = own.filter(
      row => row.node_id === node.id && row.state !== 'abandoned',
    );
    if (node.phase === 'Succeeded' && ran.length !== 1)
      faults.push(
        `${run.id}: ${node.name} has ${ran.length} attempts that ran`,
      );
  }
  for (const row of own) {
    if (row.state === 'open')
      faults.push(
        `${run.id}: attempt ${row.attempt} of ${row.node_id} is open`,
      );
    const node = state.nodes[row.node_id];
    const log = path.join(row.directory, 'log');
    const lines = fs.existsSync(log)
      ? fs.readFileSync(log, 'utf8').split('\n').filter(Boolean)
      : [];
    if (
      node?.phase === 'Succeeded' &&
      row.state === 'ended' &&
      (lines.length === 0 || new Set(lines).size !== lines.length)
    )
      faults.push(
        `${run.id}: ${node.name} printed ${lines.length} lines, ${
          new Set(lines).size
        } of them different`,
      );
  }
  return faults;
}

function faultsOfDisk(data: string, runs: Row[], attempts: Row[]): string[] {
  const folder = path.join(data, 'runs');
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .flatMap(entry =>
      runs.some(run => run.id === entry.name)
        ? fs
            .readdirSync(path.join(folder, entry.name))
            .map(name => path.join(folder, entry.name, name))
            .flatMap(step => faultsOfFolder(step, attempts))
        : [`the folder ${entry.name} belongs to no run`],
    );
}

function faultsOfFolder(step: string, attempts: Row[]): string[] {
  const faults: string[] = [];
  if (!attempts.some(row => row.directory === step))
    faults.push(`the folder ${step} belongs to no attempt`);
  if (fs.existsSync(path.join(step, 'fs')))
    faults.push(`the folder ${step}/fs was left`);
  return faults;
}

/** Processes of steps that still live. */
export function livingSteps(runs: Row[]): string[] {
  return fs
    .readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(pid => {
      try {
        const mark = /MLOPS_ATTEMPT=([^\0]+)/.exec(
          fs.readFileSync(`/proc/${pid}/environ`, 'utf8'),
        )?.[1];
        return mark && runs.some(run => mark.startsWith(`${run.id}/`))
          ? [`process ${pid} of ${mark} lives`]
          : [];
      } catch {
        return [];
      }
    });
}
