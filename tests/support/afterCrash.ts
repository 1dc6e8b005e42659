/*
 * What must hold once a portal has come back: every run has an end, every step ran once, nothing runs on, nothing lies about.
 */
import { execFileSync } from 'node:child_process';
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
  const tracking = await ask(
    `select run_uuid, status from tracking_runs where lifecycle_stage = 'active'`,
  );
  return [
    ...runs.flatMap(run => faultsOfRun(run, attempts, tracking)),
    ...strangers(runs, tracking),
    ...(await faultsOfLinks(ask, runs)),
    ...faultsOfDisk(data, runs, attempts),
    ...(await faultsOfBytes(ask, data)),
    ...faultsOfCommits(data, runs),
    ...(await faultsOfChanges(ask, data)),
    ...livingSteps(runs),
  ];
}

// A tracking run that stands for a run of the portal has one.
function strangers(runs: Row[], tracking: Row[]): string[] {
  const known = new Set(runs.map(run => run.tracking_run_id));
  return tracking
    .filter(row => !known.has(row.run_uuid))
    .map(row => `the tracking run ${row.run_uuid} belongs to no run`);
}

// What other tables say of runs is true of runs that are there, and nothing that is over holds a lock.
async function faultsOfLinks(ask: Ask, runs: Row[]): Promise<string[]> {
  const known = new Set(runs.map(run => run.id));
  const faults: string[] = [];
  for (const table of [
    'mlops_step_attempts',
    'mlops_idempotency',
    'mlops_caches',
    'mlops_cache_uses',
    'mlops_lock_holders',
  ])
    for (const row of await ask(`select distinct run_id from ${table}`))
      if (!known.has(row.run_id))
        faults.push(`${table} tells of ${row.run_id}, which is no run`);
  for (const row of await ask('select name, run_id from mlops_lock_holders'))
    faults.push(`${row.run_id} is over and holds ${row.name}`);
  const times = runs
    .filter(run => run.scheduled_for)
    .map(run => `${run.project}/${run.trigger_by} at ${run.scheduled_for}`);
  if (new Set(times).size !== times.length)
    faults.push(`one time of a schedule ran twice: ${times.join(', ')}`);
  return faults;
}

const blobOf = (data: string, digest: string) => {
  const hex = digest.slice('sha256:'.length);
  return path.join(data, 'artifacts/sha256', hex.slice(0, 2), hex);
};

// Every artifact that is named has its bytes, and every output that a node tells of is named.
async function faultsOfBytes(ask: Ask, data: string): Promise<string[]> {
  const rows = await ask('select * from tracking_artifacts');
  const keys = new Set(rows.map(row => row.key));
  const faults = rows
    .filter(row => {
      const file = blobOf(data, row.digest);
      return (
        !fs.existsSync(file) ||
        fs.statSync(file).size !== Number(row.size_bytes)
      );
    })
    .map(row => `the bytes of ${row.key} are not there`);
  const runs = await ask('select id, state, removed from mlops_runs');
  const known = new Set(runs.map(run => run.id));
  for (const key of keys) {
    const [, owner] = /^workflows\/([^/]+)\//.exec(key) ?? [];
    if (owner && !known.has(owner)) faults.push(`${key} belongs to no run`);
  }
  for (const { id, state, removed } of runs)
    for (const node of Object.values<Row>(JSON.parse(state).nodes))
      for (const artifact of node.outputs?.artifacts ?? []) {
        const key = artifact.s3?.key ?? artifact.key;
        if (key && !removed && !keys.has(key))
          faults.push(
            `${id}: ${node.name} tells of ${key}, which is not there`,
          );
      }
  return faults;
}

/** Files below `artifacts` that no record names. */
export async function bytesOfNobody(ask: Ask, data: string): Promise<string[]> {
  const rows = await ask('select digest from tracking_artifacts');
  const named = new Set(rows.map(row => blobOf(data, row.digest)));
  const folder = path.join(data, 'artifacts');
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => path.join(entry.parentPath, entry.name))
    .filter(file => !named.has(file));
}

// Each run holds its commit, so that it stays readable when its branch is gone.
function faultsOfCommits(data: string, runs: Row[]): string[] {
  const held = new Map(
    execFileSync(
      'git',
      ['for-each-ref', '--format=%(refname) %(objectname)', 'refs/mlops/runs'],
      { cwd: path.join(data, 'gitops.git'), encoding: 'utf8' },
    )
      .split('\n')
      .filter(Boolean)
      .map(line => line.slice('refs/mlops/runs/'.length).split(' '))
      .map(([id, commit]) => [id, commit]),
  );
  return runs
    .filter(run => held.get(run.id) !== run.commit)
    .map(run => `${run.id} does not hold its commit ${run.commit}`);
}

// A request is there wholly or not at all: commit, branch, its row, and what the portal knows of it.
async function faultsOfChanges(ask: Ask, data: string): Promise<string[]> {
  const git = (...args: string[]) =>
    execFileSync('git', args, {
      cwd: path.join(data, 'gitops.git'),
      encoding: 'utf8',
    }).trim();
  const heads = new Map(
    git('for-each-ref', '--format=%(refname:short) %(objectname)', 'refs/heads')
      .split('\n')
      .map(line => line.split(' ') as [string, string]),
  );
  const merged = new Set(git('rev-list', 'main').split('\n'));
  const requests = await ask('select * from mlops_pull_requests');
  const changes = await ask('select * from mlops_changes');
  const faults = requests.flatMap(row => [
    ...(row.operation ? [`request ${row.number} is half done`] : []),
    ...(row.state === 'opening' ? [`request ${row.number} never opened`] : []),
    ...(row.state === 'open' && heads.get(row.branch) !== row.head
      ? [`request ${row.number} has no branch at ${row.head}`]
      : []),
    ...(row.state === 'merged' && !merged.has(row.merge_commit)
      ? [`request ${row.number} is merged, and ${row.merge_commit} is not`]
      : []),
    ...(changes.filter(({ number }) => number === row.number).length === 1
      ? []
      : [`the portal does not know request ${row.number}`]),
  ]);
  const open = new Set(
    requests.filter(row => row.state === 'open').map(row => row.branch),
  );
  return [
    ...faults,
    ...[...heads.keys()]
      .filter(name => name.startsWith('mlops/') && !open.has(name))
      .map(name => `the branch ${name} belongs to no open request`),
    ...changes
      .filter(({ number }) => !requests.some(row => row.number === number))
      .map(({ key }) => `the change ${key} has no request`),
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
    // What a cache or an earlier run gave did not run here.
    const taken =
      node.memoizationStatus?.hit ||
      (run.origin && JSON.parse(run.origin).kind === 'reuse');
    const well = own.filter(
      row => row.node_id === node.id && exitCodeOf(row) === 0,
    );
    if (node.phase === 'Succeeded' && !taken && well.length !== 1)
      faults.push(
        `${run.id}: ${node.name} has ${well.length} attempts that succeeded`,
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

function exitCodeOf({ directory }: Row): number | undefined {
  const file = path.join(directory, 'exit.json');
  return fs.existsSync(file)
    ? JSON.parse(fs.readFileSync(file, 'utf8')).exitCode
    : undefined;
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
