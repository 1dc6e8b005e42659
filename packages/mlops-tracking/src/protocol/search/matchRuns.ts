/* runs/search: reads runs and what is known of them in blocks, so that no number of runs is too many. */
import type { Input, RunRow } from '../../experiments/RunStore';
import type { TrackingService } from '../../TrackingService';
import { invalid } from '../errors';
import { artifactUri } from '../views';
import { compareBy, Facts, meets } from './facts';
import {
  toConditions,
  toOrders,
  type Condition,
  type Order,
  type SearchTarget,
} from './SearchTarget';

const runTarget: SearchTarget = {
  entities: {
    metric: ['metric', 'metrics'],
    parameter: ['parameter', 'parameters', 'param', 'params'],
    tag: ['tag', 'tags'],
    attribute: ['attribute', 'attributes', 'attr', 'run'],
    dataset: ['dataset', 'datasets'],
  },
  texts: ['run_id', 'run_name', 'user_id', 'status', 'artifact_uri'],
  numbers: ['start_time', 'end_time'],
  lists: ['run_id'],
  aliases: {
    created: 'start_time',
    Created: 'start_time',
    'run name': 'run_name',
    'Run name': 'run_name',
    'Run Name': 'run_name',
  },
  orders: [
    'run_id',
    'run_name',
    'user_id',
    'status',
    'artifact_uri',
    'start_time',
    'end_time',
  ],
  orderKinds: ['metric', 'parameter', 'tag'],
  nullable: ['tag', 'parameter'],
};

const blockSize = 500;

/** Which runs are asked for, and how many. */
export interface RunSearch {
  experiments: number[];
  stages: string[];
  filter: string;
  orderBy: string[];
  offset: number;
  limit: number;
}

/** Runs that meet a filter, in the wanted order: those of one page, and one more when there are more. */
export async function matchRuns(
  tracking: TrackingService,
  search: RunSearch,
): Promise<RunRow[]> {
  const conditions = toConditions(search.filter, runTarget);
  const orders = toOrders(search.orderBy, runTarget);
  checkOnce(orders, search.orderBy);
  const { experiments, stages, offset } = search;
  const limit = search.limit + 1;
  if (experiments.length === 0) return [];
  if (conditions.length === 0 && orders.length === 0)
    return tracking.runs.list({ experiments, stages, limit, offset });
  const found: { run: RunRow; facts: Facts }[] = [];
  const isFull = () => orders.length === 0 && found.length >= offset + limit;
  for (let from = 0; !isFull(); from += blockSize) {
    const runs = await tracking.runs.list({
      experiments,
      stages,
      limit: blockSize,
      offset: from,
    });
    for (const item of await withFacts(tracking, runs, [
      ...conditions,
      ...orders,
    ]))
      if (conditions.every(condition => meets(item.facts, condition)))
        found.push(item);
    if (runs.length < blockSize) break;
  }
  const before = compareBy(orders);
  if (orders.length > 0) found.sort((a, b) => before(a.facts, b.facts));
  return found.slice(offset, offset + limit).map(({ run }) => run);
}

function checkOnce(orders: Order[], written: string[]): void {
  const names = new Set(orders.map(({ kind, key }) => `${kind}.${key}`));
  if (names.size === orders.length) return;
  throw invalid(
    `\`order_by\` contains duplicate fields: [${written
      .map(text => `'${text.slice(0, 100)}'`)
      .join(', ')}]`,
  );
}

// Reads no more than what is asked about.
async function withFacts(
  tracking: TrackingService,
  runs: RunRow[],
  asked: (Condition | Order)[],
): Promise<{ run: RunRow; facts: Facts }[]> {
  const keys = (kind: string) => [
    ...new Set(asked.filter(item => item.kind === kind).map(item => item.key)),
  ];
  const ids = runs.map(run => run.id);
  const byRun = new Map(runs.map(run => [run.id, attributesOf(run)]));
  for (const [kind, table] of [
    ['parameter', 'params'],
    ['tag', 'tags'],
    ['metric', 'latest_metrics'],
  ] as const)
    for (const row of await tracking.runs.facts(table, ids, keys(kind)))
      byRun.get(row.run_id)?.set(kind, row.key, row.is_nan ? NaN : row.value);
  if (keys('dataset').length > 0)
    for (const run of runs)
      addDatasets(byRun.get(run.id)!, await tracking.runs.inputs(run.id));
  return runs.map(run => ({ run, facts: byRun.get(run.id)! }));
}

function attributesOf(run: RunRow): Facts {
  return new Facts()
    .set('attribute', 'run_id', run.run_uuid)
    .set('attribute', 'run_name', run.name)
    .set('attribute', 'status', run.status)
    .set('attribute', 'user_id', run.user_id)
    .set('attribute', 'artifact_uri', artifactUri(run))
    .set('attribute', 'start_time', run.start_time)
    .set('attribute', 'end_time', run.end_time);
}

function addDatasets(facts: Facts, inputs: Input[]): void {
  if (inputs.length === 0) return;
  facts
    .set(
      'dataset',
      'name',
      inputs.map(input => input.name),
    )
    .set(
      'dataset',
      'digest',
      inputs.map(input => input.digest),
    )
    .set(
      'dataset',
      'context',
      inputs.flatMap(input =>
        input.tags
          .filter(tag => tag.key === 'mlflow.data.context')
          .map(tag => tag.value),
      ),
    );
}
