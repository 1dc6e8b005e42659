/* experiments/search. */
import type { Ask } from '../ask';
import { invalid } from '../errors';
import { stagesOf } from '../stagesOf';
import { experimentView } from '../views';
import { Facts, meets } from './facts';
import { pageOf } from './pageOf';
import {
  toConditions,
  type Condition,
  type SearchTarget,
} from './SearchTarget';

const experimentTarget: SearchTarget = {
  entities: { attribute: ['attribute'], tag: ['tag', 'tags'] },
  texts: ['name', 'experiment_id'],
  numbers: ['creation_time', 'last_update_time'],
  lists: ['experiment_id'],
  orders: ['name', 'experiment_id', 'creation_time', 'last_update_time'],
  orderKinds: [],
  nullable: ['tag'],
};

/** Experiments that the caller may see and a filter finds. */
export async function searchExperiments({ fields, tracking, guard }: Ask) {
  await guard.list();
  const conditions = toConditions(
    fields.optionalString('filter') ?? '',
    experimentTarget,
  ).map(item => (item.key === 'experiment_id' ? byId(item) : item));
  const page = pageOf({
    fields,
    target: experimentTarget,
    limits: { fallback: 0, max: 50_000 },
    // An order of one's own is settled by the id, the greatest first.
    tieBreak: { kind: 'attribute', key: 'experiment_id', descending: true },
  });
  const rows = await tracking.experiments.list({
    stages: stagesOf(fields.raw('view_type')),
    names: guard.readable,
  });
  const found = rows
    .map(row => ({ row, facts: factsOf(row) }))
    .filter(({ facts }) => conditions.every(item => meets(facts, item)));
  return page('experiments', found, ({ row: { tags, ...row } }) =>
    experimentView(row, tags),
  );
}

// Ids are written as texts and are numbers.
function byId(condition: Condition): Condition {
  const { operator, value } = condition;
  if (!['=', '!=', 'IN', 'NOT IN'].includes(operator))
    throw invalid(`Invalid comparator for experiment_id: ${operator}`);
  const ids = [value].flat().map(id => {
    if (/^\d{1,15}$/.test(String(id))) return Number(id);
    throw invalid(
      `Invalid experiment ID: '${String(id).slice(
        0,
        100,
      )}'. It must be a whole number.`,
    );
  });
  return {
    ...condition,
    value: Array.isArray(value) ? ids.map(String) : ids[0],
  };
}

function factsOf(row: {
  id: number;
  name: string;
  creation_time: number;
  last_update_time: number;
  tags: { key: string; value: string }[];
}): Facts {
  const facts = new Facts()
    .set('attribute', 'name', row.name)
    .set('attribute', 'experiment_id', row.id)
    .set('attribute', 'creation_time', Number(row.creation_time))
    .set('attribute', 'last_update_time', Number(row.last_update_time));
  for (const { key, value } of row.tags) facts.set('tag', key, value);
  return facts;
}
