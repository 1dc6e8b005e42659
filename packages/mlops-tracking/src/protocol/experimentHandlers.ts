import { experimentOf, type Ask, type Handler } from './ask';
import { invalid, missing, MlflowError } from './errors';
import { toTag } from './logged';
import { searchExperiments } from './search/searchExperiments';
import { experimentView } from './views';

/** Routes of experiments. */
export const experimentHandlers: Record<string, Handler> = {
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
  'POST experiments/search': ask => searchExperiments(ask),
  'GET experiments/search': ask => searchExperiments(ask),
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
