import { randomUUID } from 'node:crypto';
import type { Input, RunRow } from '../experiments/RunStore';
import { checkArtifactPath } from '../artifacts/checkArtifactPath';
import type { TrackingService } from '../TrackingService';
import { experimentOf, runOf, type Ask, type Handler } from './ask';
import { invalid, missing } from './errors';
import { pageToken } from './fields';
import { listFolder } from './listFolder';
import { checkBatch, checkParams, toParam, toPoint, toTag } from './logged';
import { matchRuns } from './search/matchRuns';
import { stagesOf } from './stagesOf';
import { artifactUri, metricView, runInfoView, runView } from './views';

/** Routes of runs, of what they log, and of their artifacts. */
export const runHandlers: Record<string, Handler> = {
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
      offset,
      limit,
    });
    const shown = await Promise.all(
      found.slice(0, limit).map(run => fullRun(ask, run)),
    );
    return {
      ...(shown.length ? { runs: shown } : {}),
      ...(found.length > limit
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

async function rename(
  tracking: TrackingService,
  run: RunRow,
  tags: { key: string; value: string }[],
) {
  const name = tags.find(({ key }) => key === 'mlflow.runName')?.value;
  if (name !== undefined) await tracking.runs.update(run.id, { name });
}
