/* registered-models/search and model-versions/search. */
import type { ModelRow, VersionRow } from '../../models/RegistryStore';
import type { Ask } from '../ask';
import { Facts, meets } from './facts';
import { pageOf } from './pageOf';
import { toConditions, type SearchTarget } from './SearchTarget';

const entities = { attribute: ['attribute'], tag: ['tag', 'tags'] };

const modelTarget: SearchTarget = {
  entities,
  texts: ['name'],
  numbers: [],
  lists: ['name'],
  aliases: {
    timestamp: 'last_updated_timestamp',
  },
  orders: ['name', 'creation_timestamp', 'last_updated_timestamp'],
  orderKinds: [],
  nullable: [],
};

const versionTarget: SearchTarget = {
  entities,
  texts: ['name', 'run_id', 'source_path'],
  numbers: ['version_number'],
  takesQuotedNumbers: true,
  lists: ['name', 'run_id'],
  orders: [
    'name',
    'version_number',
    'creation_timestamp',
    'last_updated_timestamp',
  ],
  orderKinds: [],
  nullable: [],
};

const byName = { kind: 'attribute', key: 'name', descending: false } as const;

/** Registered models that the caller may see and a filter finds, by name. */
export async function searchModels(
  { fields, tracking, guard }: Ask,
  show: (model: ModelRow) => Promise<object>,
): Promise<object> {
  await guard.list();
  const conditions = toConditions(
    fields.optionalString('filter') ?? '',
    modelTarget,
  );
  const page = pageOf({
    fields,
    target: modelTarget,
    limits: { fallback: 100, max: 1000 },
    tieBreak: byName,
  });
  const models = await tracking.registry.list({ projects: guard.readable });
  const found = models
    .map(model => ({
      model,
      facts: withTags(model.tags)
        .set('attribute', 'name', model.name)
        .set('attribute', 'creation_timestamp', Number(model.creation_time))
        .set(
          'attribute',
          'last_updated_timestamp',
          Number(model.last_update_time),
        ),
    }))
    .filter(({ facts }) => conditions.every(item => meets(facts, item)));
  return page('registered_models', found, ({ model }) => show(model));
}

/** Versions that the caller may see and a filter finds, the last changed first. */
export async function searchVersions(
  { fields, tracking, guard }: Ask,
  show: (found: { model: ModelRow; row: VersionRow }) => Promise<object>,
): Promise<object> {
  await guard.list();
  const conditions = toConditions(
    fields.optionalString('filter') ?? '',
    versionTarget,
  );
  const page = pageOf({
    fields,
    target: versionTarget,
    limits: { fallback: 10_000, max: 200_000 },
    tieBreak: byName,
  });
  const models = new Map(
    (await tracking.registry.list({ projects: guard.readable })).map(model => [
      model.id,
      model,
    ]),
  );
  const versions = await tracking.registry.versionsOf([...models.keys()]);
  const found = versions
    .map(row => {
      const model = models.get(row.model_id)!;
      return { model, row, facts: factsOf(model, row) };
    })
    .filter(({ facts }) => conditions.every(item => meets(facts, item)))
    .sort(
      (a, b) =>
        b.row.last_update_time - a.row.last_update_time ||
        (a.model.name < b.model.name ? -1 : Number(a.model !== b.model)) ||
        b.row.version - a.row.version,
    );
  return page('model_versions', found, show);
}

function factsOf(
  model: ModelRow,
  row: VersionRow & { tags: { key: string; value: string }[] },
): Facts {
  return withTags(row.tags)
    .set('attribute', 'name', model.name)
    .set('attribute', 'version_number', row.version)
    .set('attribute', 'run_id', row.run_uuid)
    .set('attribute', 'source_path', row.source)
    .set('attribute', 'creation_timestamp', row.creation_time)
    .set('attribute', 'last_updated_timestamp', row.last_update_time);
}

// Every client says that it wants no prompts; there are none here.
function withTags(tags: { key: string; value: string }[]): Facts {
  const facts = new Facts().set('tag', 'mlflow.prompt.is_prompt', 'false');
  for (const { key, value } of tags) facts.set('tag', key, value);
  return facts;
}
