import type { RunRow } from '../experiments/RunStore';
import type { VersionRow } from '../models/RegistryStore';
import { checkArtifactPath } from '../artifacts/checkArtifactPath';
import type { TrackingService } from '../TrackingService';
import type { Ask, Handler } from './ask';
import { invalid, missing, MlflowError } from './errors';
import { toTag } from './logged';
import { searchModels, searchVersions } from './search/searchModels';
import { modelView, versionView } from './views';

const modelNamePattern = /^[^/:.%"'\\\0][^/:%"'\\\0]*$/;

/** Routes of registered models, their versions and aliases. */
export const modelHandlers: Record<string, Handler> = {
  'POST registered-models/create': async ask => {
    const { fields, tracking, guard } = ask;
    const name = fields.string('name', 250);
    if (!modelNamePattern.test(name))
      throw invalid(
        `Invalid name for registered model: '${name}'. Registered model name must not contain slashes, colons or quotes.`,
      );
    await guard.model('write', name);
    if (
      !(await tracking.registry.create(
        name,
        fields.optionalString('description', 100_000) ?? '',
        Date.now(),
      ))
    )
      throw new MlflowError(
        'RESOURCE_ALREADY_EXISTS',
        `Registered Model (name=${name}) already exists.`,
      );
    const model = (await tracking.registry.find(name))!;
    for (const { key, value } of fields
      .list('tags')
      .map(item => toTag(item, 5000)))
      await tracking.registry.setTag(model.id, undefined, key, value);
    return { registered_model: await fullModel(ask, name) };
  },
  'GET registered-models/get': async ask => ({
    registered_model: await fullModel(ask, (await modelOf(ask, 'read')).name),
  }),
  'GET registered-models/search': ask =>
    searchModels(ask, ({ name }) => fullModel(ask, name)),
  'PATCH registered-models/update': async ask => {
    const model = await modelOf(ask, 'write');
    await ask.tracking.registry.update(
      model.id,
      { description: ask.fields.optionalString('description', 100_000) ?? '' },
      Date.now(),
    );
    return { registered_model: await fullModel(ask, model.name) };
  },
  'POST registered-models/set-tag': async ask => {
    const model = await modelOf(ask, 'write');
    const { key, value } = toTag(ask.fields, 5000);
    await ask.tracking.registry.setTag(model.id, undefined, key, value);
    return {};
  },
  'POST registered-models/get-latest-versions': async ask =>
    latestVersions(ask),
  'GET registered-models/get-latest-versions': async ask => latestVersions(ask),
  'POST registered-models/alias': async ask => {
    const alias = checkAlias(ask.fields.string('alias', 250));
    const { model, version } = await versionOf(ask, 'write');
    refuseDeclared(ask, model.name, alias);
    await ask.tracking.registry.setAlias(model.id, alias, version.version);
    return {};
  },
  'DELETE registered-models/alias': async ask => {
    const model = await modelOf(ask, 'write');
    const alias = ask.fields.string('alias', 250);
    refuseDeclared(ask, model.name, alias);
    await ask.tracking.registry.deleteAlias(model.id, alias);
    return {};
  },
  'GET registered-models/alias': async ask => {
    const model = await modelOf(ask, 'read');
    const alias = ask.fields.string('alias', 250);
    const found = (await ask.tracking.registry.aliases(model.id)).find(
      item => item.alias === alias,
    );
    if (!found) throw invalid(`Registered model alias ${alias} not found.`);
    return {
      model_version: await fullVersion(
        ask.tracking,
        model,
        (await ask.tracking.registry.version(model.id, found.version))!,
      ),
    };
  },
  'POST model-versions/create': async ask => {
    const { fields, tracking, guard } = ask;
    const model = await modelOf(ask, 'write');
    const { run, path } = await sourceOf(ask);
    await guard.run('write', run);
    const row = await tracking.register(
      model.name,
      run,
      path,
      fields.optionalString('description', 100_000) ?? '',
    );
    for (const { key, value } of fields
      .list('tags')
      .map(item => toTag(item, 5000)))
      await tracking.registry.setTag(model.id, row.version, key, value);
    return { model_version: await fullVersion(tracking, model, row) };
  },
  'GET model-versions/get': async ask => {
    const { model, version } = await versionOf(ask, 'read');
    return { model_version: await fullVersion(ask.tracking, model, version) };
  },
  'PATCH model-versions/update': async ask => {
    const { model, version } = await versionOf(ask, 'write');
    await ask.tracking.registry.updateVersion(
      model.id,
      version.version,
      ask.fields.optionalString('description', 100_000) ?? '',
      Date.now(),
    );
    return {
      model_version: await fullVersion(
        ask.tracking,
        model,
        (await ask.tracking.registry.version(model.id, version.version))!,
      ),
    };
  },
  'POST model-versions/set-tag': async ask => {
    const { model, version } = await versionOf(ask, 'write');
    const { key, value } = toTag(ask.fields, 5000);
    await ask.tracking.registry.setTag(model.id, version.version, key, value);
    return {};
  },
  'GET model-versions/search': ask =>
    searchVersions(ask, ({ model, row }) =>
      fullVersion(ask.tracking, model, row),
    ),
  // Logged models are not kept here; clients ask for those of a run when they list its artifacts.
  'POST logged-models/search': async () => ({}),
  'GET model-versions/get-download-uri': async ask => ({
    artifact_uri: (await versionOf(ask, 'read')).version.source,
  }),
};

async function modelOf(
  { fields, tracking, guard }: Ask,
  action: 'read' | 'write',
) {
  const name = fields.string('name', 250);
  await guard.model(action, name);
  const model = await tracking.registry.find(name);
  if (!model) throw missing(`Registered Model with name=${name} not found`);
  return model;
}

function checkAlias(alias: string): string {
  if (!/^[\w-]+$/.test(alias))
    throw invalid(
      `Invalid alias name: '${alias}'. Names may only contain alphanumerics, underscores (_), and dashes (-).`,
    );
  if (/^v\d+$/i.test(alias))
    throw invalid(`Version alias name '${alias}' is reserved.`);
  if (alias.toLowerCase() === 'latest')
    throw invalid(`'latest' alias name (case insensitive) is reserved.`);
  return alias;
}

// An alias that git declares is moved by a request there, and by nothing else.
function refuseDeclared(ask: Ask, model: string, alias: string): void {
  const file = ask.declaredIn?.(model, alias);
  if (file !== undefined)
    throw new MlflowError(
      'PERMISSION_DENIED',
      `Alias '${alias}' of ${model} is declared in ${file}. Propose another version there; once that is merged, the alias moves.`,
    );
}

async function versionOf(
  ask: Ask,
  action: 'read' | 'write',
  field = 'version',
) {
  const model = await modelOf(ask, action);
  const text = String(ask.fields.raw(field) ?? ask.fields.string(field));
  if (!/^\d{1,9}$/.test(text))
    throw invalid(`Model version must be an integer, got '${text}'`);
  const version = await ask.tracking.registry.version(model.id, Number(text));
  if (!version)
    throw missing(
      `Model Version (name=${model.name}, version=${text}) not found`,
    );
  return { model, version };
}

async function fullModel({ tracking }: Ask, name: string) {
  const model = (await tracking.registry.find(name))!;
  const [newest] = await tracking.registry.versions(model.id, 1);
  const aliases = await tracking.registry.aliases(model.id);
  const latest = newest ? [await fullVersion(tracking, model, newest)] : [];
  return modelView(model, {
    latest,
    tags: await tracking.registry.tags(model.id),
    aliases,
  });
}

async function fullVersion(
  tracking: TrackingService,
  model: { id: number } & Parameters<typeof versionView>[0],
  row: VersionRow,
) {
  const aliases = (await tracking.registry.aliases(model.id))
    .filter(item => item.version === row.version)
    .map(item => item.alias);
  return versionView(
    model,
    row,
    await tracking.registry.tags(model.id, row.version),
    aliases,
  );
}

async function latestVersions(ask: Ask) {
  const model = await modelOf(ask, 'read');
  const [newest] = await ask.tracking.registry.versions(model.id, 1);
  return newest
    ? { model_versions: [await fullVersion(ask.tracking, model, newest)] }
    : {};
}

// The source is taken apart into ids that this server made; a location given by a client is never opened.
async function sourceOf({
  fields,
  tracking,
  guard,
}: Ask): Promise<{ run: RunRow; path: string }> {
  const source = fields.string('source', 2000);
  const match =
    /^runs:\/([A-Za-z0-9][\w-]{0,255})\/(.+)$/.exec(source) ??
    /^mlflow-artifacts:\/\d{1,9}\/([A-Za-z0-9][\w-]{0,255})\/artifacts\/(.+)$/.exec(
      source,
    );
  const run = match && (await tracking.runs.find(match[1]));
  if (!match || !run || !(await guard.sees(run.experiment_id)))
    throw invalid(
      `Invalid model version source: '${source.slice(
        0,
        200,
      )}'. Give runs:/<run id>/<path> of a run of this server.`,
    );
  return { run, path: checkArtifactPath(match[2]) };
}
