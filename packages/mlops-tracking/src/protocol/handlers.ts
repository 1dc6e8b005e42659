/* The routes of MLflow's REST API as plain functions: fields in, JSON out. Source of shapes and words: facts of MLflow 3.6. */
import { randomUUID } from 'node:crypto';
import type { Input, Point, RunRow } from '../experiments/RunStore';
import type { VersionRow } from '../models/RegistryStore';
import { checkArtifactPath, type TrackingService } from '../TrackingService';
import { invalid, missing, MlflowError } from './errors';
import { checkKey, pageToken, type Fields } from './fields';
import type { Guard } from './Guard';
import { matchRuns } from './searchRuns';
import {
  artifactUri,
  experimentView,
  metricView,
  modelView,
  runInfoView,
  runView,
  versionView,
} from './views';

/** One request: who asks, and what. */
export interface Ask {
  fields: Fields;
  guard: Guard;
  tracking: TrackingService;
  /** Path of the file in git that declares an alias. */
  declaredIn?(registeredName: string, alias: string): string | undefined;
}

type Handler = (ask: Ask) => Promise<object>;

async function experimentOf(
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

async function runOf(
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

async function activeRunOf(ask: Ask): Promise<RunRow> {
  const run = await runOf(ask, 'write');
  if (run.lifecycle_stage !== 'active')
    throw invalid(
      `The run ${run.run_uuid} must be in the 'active' state. Current state is ${run.lifecycle_stage}.`,
    );
  return run;
}

async function fullRun({ tracking }: Ask, run: RunRow) {
  const [metrics, params, tags, inputs] = await Promise.all([
    tracking.runs.latest(run.id),
    tracking.runs.params(run.id),
    tracking.runs.tags(run.id),
    tracking.runs.inputs(run.id),
  ]);
  return runView(run, { metrics, params, tags, inputs });
}

function toPoint(fields: Fields): Point {
  const key = checkKey(fields.string('key', 2000), 'metric');
  const raw = fields.raw('value');
  if (raw === undefined || raw === null || raw === '')
    throw invalid(
      `Missing value for required parameter 'value'. See the API docs for more information about request parameters.`,
    );
  const named: Record<string, number> = {
    Infinity: Number.MAX_VALUE,
    '-Infinity': -Number.MAX_VALUE,
  };
  const number = typeof raw === 'string' ? named[raw] ?? Number(raw) : raw;
  const isNan = raw === 'NaN';
  if (!isNan && (typeof number !== 'number' || Number.isNaN(number)))
    throw invalid(
      `Invalid value ${JSON.stringify(
        raw,
      )} for parameter 'value' supplied: metric '${key}' must be a number. See the API docs for more information about request parameters.`,
    );
  const timestamp = fields.integer('timestamp');
  if (timestamp < 0)
    throw invalid(
      `Invalid value ${timestamp} for parameter 'timestamp' supplied: metric '${key}' (value=${String(
        raw,
      )}). Timestamp must be a nonnegative long (64-bit integer) `,
    );
  return {
    key,
    value: isNan ? 0 : (number as number),
    is_nan: isNan,
    timestamp,
    step: fields.optionalInteger('step') ?? 0,
  };
}

const toTag = (fields: Fields, limit = 8000) => ({
  key: checkKey(fields.string('key', 2000), 'tag'),
  value: fields.optionalString('value', limit) ?? '',
});
const toParam = (fields: Fields) => ({
  key: checkKey(fields.string('key', 2000), 'parameter'),
  value: fields.optionalString('value', 6000) ?? '',
});

async function checkParams(
  { tracking }: Ask,
  run: RunRow,
  params: { key: string; value: string }[],
  single: boolean,
) {
  const repeated = params
    .map(({ key }) => key)
    .filter((key, i, all) => all.indexOf(key) !== i);
  if (repeated.length > 0)
    throw invalid(
      `Duplicate parameter keys have been submitted: [${[...new Set(repeated)]
        .map(key => `'${key}'`)
        .join(
          ', ',
        )}]. Please ensure the request contains only one param value per param key.`,
    );
  const present = new Map(
    (await tracking.runs.params(run.id)).map(({ key, value }) => [key, value]),
  );
  const changed = params.filter(
    ({ key, value }) => present.has(key) && present.get(key) !== value,
  );
  if (changed.length === 0) return;
  const [{ key, value }] = changed;
  throw invalid(
    single
      ? `Changing param values is not allowed. Param with key='${key}' was already logged with value='${present.get(
          key,
        )}' for run ID='${
          run.run_uuid
        }'. Attempted logging new value '${value}'.`
      : `Changing param values is not allowed. Params were already logged='[${changed
          .map(
            item =>
              `{'key': '${item.key}', 'old_value': '${present.get(
                item.key,
              )}', 'new_value': '${item.value}'}`,
          )
          .join(', ')}]' for run ID='${run.run_uuid}'.`,
  );
}

const batchLimits = { metrics: 1000, params: 100, tags: 100 } as const;

function checkBatch(fields: Fields): void {
  for (const [name, limit] of Object.entries(batchLimits)) {
    const { length } = fields.list(name);
    if (length > limit)
      throw invalid(
        `A batch logging request can contain at most ${limit} ${name}. Got ${length} ${name}. Please split up ${name} across multiple requests and try again.`,
      );
  }
}

async function rename(
  tracking: TrackingService,
  run: RunRow,
  tags: { key: string; value: string }[],
) {
  const name = tags.find(({ key }) => key === 'mlflow.runName')?.value;
  if (name !== undefined) await tracking.runs.update(run.id, { name });
}

const experiments: Record<string, Handler> = {
  'POST experiments/create': async ({ fields, tracking, guard }) => {
    const name = fields.string('name', 500);
    await guard.newExperiment(name);
    const id = await tracking.experiments.create(name, Date.now());
    if (id === undefined)
      throw new MlflowError(
        'RESOURCE_ALREADY_EXISTS',
        `Experiment(name=${name}) already exists.`,
      );
    for (const tag of fields.list('tags').map(item => toTag(item, 5000)))
      await tracking.experiments.setTag(id, tag.key, tag.value);
    return { experiment_id: String(id) };
  },
  'GET experiments/get': async ask => {
    const row = await experimentOf(ask, 'read');
    return {
      experiment: experimentView(
        row,
        await ask.tracking.experiments.tags(row.id),
      ),
    };
  },
  'GET experiments/get-by-name': async ({ fields, tracking, guard }) => {
    const name = fields.string('experiment_name', 500);
    const row = await tracking.experiments.find({ name });
    if (!row || !(await guard.sees(row.id)))
      throw missing(`Could not find experiment with name '${name}'`);
    await guard.experiment('read', row.id);
    return {
      experiment: experimentView(row, await tracking.experiments.tags(row.id)),
    };
  },
  'POST experiments/search': async ({ fields, tracking, guard }) => {
    await guard.list();
    const limit = fields.maxResults(0, 50_000);
    const offset = fields.offset();
    const name = /^\s*(?:attribute\.)?name\s*=\s*'([^']*)'\s*$/.exec(
      fields.optionalString('filter') ?? '',
    )?.[1];
    if (fields.optionalString('filter') && name === undefined)
      throw invalid(
        `Invalid filter '${fields.optionalString(
          'filter',
        )}': only name = '...' is supported here`,
      );
    const rows = await tracking.experiments.search({
      stages: stagesOf(fields.raw('view_type')),
      name,
      names: guard.readable,
      limit: limit + 1,
      offset,
    });
    const shown = await Promise.all(
      rows
        .slice(0, limit)
        .map(async row =>
          experimentView(row, await tracking.experiments.tags(row.id)),
        ),
    );
    return {
      ...(shown.length ? { experiments: shown } : {}),
      ...(rows.length > limit
        ? { next_page_token: pageToken(offset + limit) }
        : {}),
    };
  },
  'POST experiments/update': async ask => {
    const row = await experimentOf(ask, 'write');
    const name = ask.fields.optionalString('new_name', 500);
    if (row.lifecycle_stage !== 'active')
      throw invalid('Cannot rename a non-active experiment.');
    if (name !== undefined) {
      await ask.guard.newExperiment(name);
      await ask.tracking.experiments.update(row.id, { name }, Date.now());
    }
    return {};
  },
  'POST experiments/delete': async ask => setStage(ask, 'active', 'deleted'),
  'POST experiments/restore': async ask => setStage(ask, 'deleted', 'active'),
  'POST experiments/set-experiment-tag': async ask => {
    const row = await experimentOf(ask, 'write');
    const { key, value } = toTag(ask.fields, 5000);
    await ask.tracking.experiments.setTag(row.id, key, value);
    return {};
  },
  'POST experiments/delete-experiment-tag': async ask => {
    const row = await experimentOf(ask, 'write');
    const key = ask.fields.string('key');
    if ((await ask.tracking.experiments.deleteTag(row.id, key)) === 0)
      throw missing(`No tag with name: ${key} in experiment with id ${row.id}`);
    return {};
  },
};

async function setStage(ask: Ask, from: string, to: string) {
  const row = await experimentOf(ask, 'write');
  if (row.lifecycle_stage !== from)
    throw missing(`No Experiment with id=${row.id} exists`);
  await ask.tracking.experiments.update(
    row.id,
    { lifecycle_stage: to },
    Date.now(),
  );
  return {};
}

function stagesOf(view: unknown): string[] {
  if (view === 'ALL' || view === 3) return ['active', 'deleted'];
  return view === 'DELETED_ONLY' || view === 2 ? ['deleted'] : ['active'];
}

const runs: Record<string, Handler> = {
  'POST runs/create': async ask => {
    const { fields, tracking, guard } = ask;
    const experiment = await experimentOf(ask, 'write');
    if (experiment.lifecycle_stage !== 'active')
      throw invalid(
        `The experiment ${experiment.id} must be in the 'active' state. Current state is deleted.`,
      );
    const tags = fields.list('tags').map(item => toTag(item));
    const tagged = tags.find(({ key }) => key === 'mlflow.runName')?.value;
    const given = fields.optionalString('run_name', 500);
    if (tagged && given && tagged !== given)
      throw invalid(
        `Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values (run_name='${given}', mlflow.runName='${tagged}').`,
      );
    const run_uuid = randomUUID().replace(/-/g, '');
    const name = given || tagged || `run-${run_uuid.slice(0, 6)}`;
    const parent = await guard.parentFor(
      tags.find(({ key }) => key === 'mlflow.parentRunId')?.value,
    );
    const id = await tracking.runs.create({
      run_uuid,
      experiment_id: experiment.id,
      parent_id: parent?.id ?? null,
      name,
      user_id: fields.optionalString('user_id', 250) ?? '',
      status: 'RUNNING',
      start_time: fields.optionalInteger('start_time') ?? Date.now(),
    });
    await tracking.runs.log(id, {
      tags: tagged ? tags : [...tags, { key: 'mlflow.runName', value: name }],
    });
    return { run: await fullRun(ask, (await tracking.runs.find(run_uuid))!) };
  },
  'GET runs/get': async ask => ({
    run: await fullRun(ask, await runOf(ask, 'read')),
  }),
  'POST runs/update': async ask => {
    const { fields, tracking } = ask;
    const run = await runOf(ask, 'write');
    const status = fields.optionalString('status');
    const name = fields.optionalString('run_name', 500);
    const known = ['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'];
    const end = fields.optionalInteger('end_time');
    await tracking.runs.update(run.id, {
      ...(status && known.includes(status) ? { status } : {}),
      ...(end !== undefined ? { end_time: end } : {}),
      ...(name ? { name } : {}),
    });
    if (name)
      await tracking.runs.log(run.id, {
        tags: [{ key: 'mlflow.runName', value: name }],
      });
    return { run_info: runInfoView((await tracking.runs.find(run.run_uuid))!) };
  },
  'POST runs/delete': async ask => {
    await ask.tracking.runs.update((await runOf(ask, 'write')).id, {
      lifecycle_stage: 'deleted',
    });
    return {};
  },
  'POST runs/restore': async ask => {
    await ask.tracking.runs.update((await runOf(ask, 'write')).id, {
      lifecycle_stage: 'active',
    });
    return {};
  },
  'POST runs/search': async ask => {
    const { fields, tracking, guard } = ask;
    const ids: number[] = [];
    for (const text of fields.strings('experiment_ids')) {
      const id = /^\d{1,9}$/.test(text) ? Number(text) : undefined;
      if (id === undefined || !(await guard.sees(id))) continue;
      await guard.experiment('read', id);
      ids.push(id);
    }
    const limit = fields.maxResults(1000, 50_000);
    const offset = fields.offset();
    const found = await matchRuns(tracking, {
      experiments: ids,
      stages: stagesOf(fields.raw('run_view_type')),
      filter: fields.optionalString('filter') ?? '',
      orderBy: fields.strings('order_by'),
    });
    const shown = await Promise.all(
      found.slice(offset, offset + limit).map(run => fullRun(ask, run)),
    );
    return {
      ...(shown.length ? { runs: shown } : {}),
      ...(found.length > offset + limit
        ? { next_page_token: pageToken(offset + limit) }
        : {}),
    };
  },
  'POST runs/log-metric': async ask => {
    const { fields, tracking } = ask;
    fields.string('run_id');
    const point = toPoint(fields);
    await tracking.runs.log((await activeRunOf(ask)).id, { metrics: [point] });
    return {};
  },
  'POST runs/log-parameter': async ask => {
    const run = await activeRunOf(ask);
    const param = toParam(ask.fields);
    await checkParams(ask, run, [param], true);
    await ask.tracking.runs.log(run.id, { params: [param] });
    return {};
  },
  'POST runs/set-tag': async ask => {
    const run = await activeRunOf(ask);
    const tag = toTag(ask.fields);
    await ask.tracking.runs.log(run.id, { tags: [tag] });
    await rename(ask.tracking, run, [tag]);
    return {};
  },
  'POST runs/delete-tag': async ask => {
    const run = await activeRunOf(ask);
    const key = ask.fields.string('key');
    if ((await ask.tracking.runs.deleteTag(run.id, key)) === 0)
      throw missing(`No tag with name: ${key} in run with id ${run.run_uuid}`);
    return {};
  },
  'POST runs/log-batch': async ask => {
    const { fields, tracking } = ask;
    checkBatch(fields);
    const batch = {
      metrics: fields.list('metrics').map(toPoint),
      params: fields.list('params').map(toParam),
      tags: fields.list('tags').map(item => toTag(item)),
    };
    const run = await activeRunOf(ask);
    await checkParams(ask, run, batch.params, false);
    await tracking.runs.log(run.id, batch);
    await rename(tracking, run, batch.tags);
    return {};
  },
  'POST runs/log-inputs': async ask => {
    const run = await activeRunOf(ask);
    const inputs = ask.fields.list('datasets').map((item): Input => {
      const dataset = item.object('dataset');
      return {
        name: dataset.string('name', 500),
        digest: dataset.string('digest', 100),
        source_type: dataset.string('source_type', 36),
        source: dataset.string('source', 65_535),
        schema: dataset.optionalString('schema', 1_048_576) ?? null,
        profile: dataset.optionalString('profile', 65_535) ?? null,
        tags: item.list('tags').map(tag => toTag(tag)),
      };
    });
    await ask.tracking.runs.log(run.id, { inputs });
    return {};
  },
  'GET metrics/get-history': async ask => {
    const { fields, tracking } = ask;
    const run = await runOf(ask, 'read');
    const limit = fields.maxResults(25_000, 25_000);
    const offset = fields.offset();
    const points = await tracking.runs.history(
      run.id,
      fields.string('metric_key'),
      { limit: limit + 1, offset },
    );
    return {
      ...(points.length
        ? { metrics: points.slice(0, limit).map(metricView) }
        : {}),
      ...(points.length > limit
        ? { next_page_token: pageToken(offset + limit) }
        : {}),
    };
  },
  'GET artifacts/list': async ask => {
    const run = await runOf(ask, 'read');
    const path = ask.fields.optionalString('path', 500) ?? '';
    return {
      root_uri: artifactUri(run),
      ...(await listFolder(
        ask.tracking,
        run,
        path === '' ? '' : checkArtifactPath(path),
      )),
    };
  },
};

/** Files and folders right below a path of a run. */
export async function listFolder(
  tracking: TrackingService,
  run: RunRow,
  path: string,
) {
  const base = tracking.artifactKey(run, path);
  const entries = new Map<string, object>();
  for (const { key, sizeBytes } of await tracking.artifacts.list(base)) {
    const [name, ...below] = key.slice(base.length + 1).split('/');
    const full = path === '' ? name : `${path}/${name}`;
    entries.set(
      name,
      below.length > 0
        ? { path: full, is_dir: true }
        : { path: full, is_dir: false, file_size: sizeBytes },
    );
  }
  return entries.size > 0 ? { files: [...entries.values()] } : {};
}

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

const modelNamePattern = /^[^/:.%"'\\\0][^/:%"'\\\0]*$/;

const models: Record<string, Handler> = {
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
  'GET registered-models/search': async ask => {
    const { fields, tracking, guard } = ask;
    await guard.list();
    const limit = fields.maxResults(100, 1000);
    const offset = fields.offset();
    const filter = fields.optionalString('filter') ?? '';
    const match = /^\s*name\s*(=|like|ilike)\s*'([^']*)'\s*$/i.exec(filter);
    if (filter.trim() !== '' && !match)
      throw invalid(
        `Invalid filter '${filter}': only name = '...' and name LIKE '...' are supported here`,
      );
    const rows = await tracking.registry.search({
      ...(match?.[1] === '=' ? { name: match[2] } : { like: match?.[2] }),
      projects: guard.readable,
      limit: limit + 1,
      offset,
    });
    const shown = await Promise.all(
      rows.slice(0, limit).map(row => fullModel(ask, row.name)),
    );
    return {
      ...(shown.length ? { registered_models: shown } : {}),
      ...(rows.length > limit
        ? { next_page_token: pageToken(offset + limit) }
        : {}),
    };
  },
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
    const { model, version } = await versionOf(ask, 'write');
    const alias = ask.fields.string('alias', 250);
    if (!/^[\w-]+$/.test(alias) || alias === 'latest')
      throw invalid(`Invalid alias name: '${alias}'`);
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
  'GET model-versions/search': async ask => {
    const { fields, tracking, guard } = ask;
    await guard.list();
    const filter = fields.optionalString('filter') ?? '';
    const name = /^\s*name\s*=\s*'([^']*)'\s*$/.exec(filter)?.[1];
    if (name === undefined)
      throw invalid(`Invalid filter '${filter}': give name = '...'`);
    const model = guard.seesModel(name)
      ? await tracking.registry.find(name)
      : undefined;
    const rows = model
      ? await tracking.registry.versions(
          model.id,
          fields.maxResults(10_000, 200_000),
        )
      : [];
    return rows.length
      ? {
          model_versions: await Promise.all(
            rows.map(row => fullVersion(tracking, model!, row)),
          ),
        }
      : {};
  },
  'GET model-versions/get-download-uri': async ask => ({
    artifact_uri: (await versionOf(ask, 'read')).version.source,
  }),
};

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

/** All routes below `/api/2.0/mlflow/`, by method and path. */
export const handlers: Record<string, Handler> = {
  ...experiments,
  ...runs,
  ...models,
};
