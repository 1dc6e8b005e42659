/* MLflow's JSON: snake case, empty fields left out, NaN as a text. */
import type { ExperimentRow } from '../experiments/ExperimentStore';
import type { Input, Point, RunRow } from '../experiments/RunStore';
import type { ModelRow, VersionRow } from '../models/RegistryStore';

type Tag = { key: string; value: string };
const listOf = <T>(name: string, items: T[]) =>
  items.length > 0 ? { [name]: items } : {};

export const artifactUri = (run: RunRow) =>
  `mlflow-artifacts:/${run.experiment_id}/${run.run_uuid}/artifacts`;

export function experimentView(row: ExperimentRow, tags: Tag[]) {
  return {
    experiment_id: String(row.id),
    name: row.name,
    artifact_location: `mlflow-artifacts:/${row.id}`,
    lifecycle_stage: row.lifecycle_stage,
    last_update_time: Number(row.last_update_time),
    creation_time: Number(row.creation_time),
    ...listOf('tags', tags),
  };
}

export function runInfoView(run: RunRow) {
  return {
    run_uuid: run.run_uuid,
    experiment_id: String(run.experiment_id),
    run_name: run.name,
    user_id: run.user_id,
    status: run.status,
    start_time: run.start_time,
    ...(run.end_time === null ? {} : { end_time: run.end_time }),
    artifact_uri: artifactUri(run),
    lifecycle_stage: run.lifecycle_stage,
    run_id: run.run_uuid,
  };
}

export function runView(
  run: RunRow,
  data: { metrics: Point[]; params: Tag[]; tags: Tag[]; inputs: Input[] },
) {
  return {
    info: runInfoView(run),
    data: {
      ...listOf('metrics', data.metrics.map(metricView)),
      ...listOf('params', data.params),
      ...listOf('tags', data.tags),
    },
    inputs: listOf('dataset_inputs', data.inputs.map(inputView)),
  };
}

export function metricView(point: Point) {
  return {
    key: point.key,
    value: point.is_nan ? 'NaN' : point.value,
    timestamp: point.timestamp,
    step: point.step,
  };
}

function inputView({
  tags,
  name,
  digest,
  source_type,
  source,
  schema,
  profile,
}: Input) {
  return {
    ...listOf('tags', tags),
    dataset: {
      name,
      digest,
      source_type,
      source,
      ...(schema ? { schema } : {}),
      ...(profile ? { profile } : {}),
    },
  };
}

export function modelView(
  model: ModelRow,
  more: {
    latest: object[];
    tags: Tag[];
    aliases: { alias: string; version: number }[];
  },
) {
  return {
    name: model.name,
    creation_timestamp: Number(model.creation_time),
    last_updated_timestamp: Number(model.last_update_time),
    ...(model.description ? { description: model.description } : {}),
    ...listOf('latest_versions', more.latest),
    ...listOf('tags', more.tags),
    ...listOf(
      'aliases',
      more.aliases.map(({ alias, version }) => ({
        alias,
        version: String(version),
      })),
    ),
  };
}

export function versionView(
  model: ModelRow,
  row: VersionRow,
  tags: Tag[],
  aliases: string[],
) {
  return {
    name: model.name,
    version: String(row.version),
    creation_timestamp: row.creation_time,
    last_updated_timestamp: row.last_update_time,
    current_stage: 'None',
    description: row.description,
    source: row.source,
    run_id: row.run_uuid,
    status: 'READY',
    ...listOf('tags', [...tags, { key: 'mlops.digest', value: row.digest }]),
    run_link: '',
    ...listOf('aliases', aliases),
  };
}
