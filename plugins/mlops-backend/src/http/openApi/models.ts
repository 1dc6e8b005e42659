/* The part of the HTTP interface about models and their versions. */
import {
  bytes,
  closed,
  direction,
  get,
  inPath,
  list,
  map,
  number,
  object,
  ref,
  text,
  time,
  type Schema,
} from './words';

const versionFields = {
  version: text,
  digest: { type: 'string', pattern: '^sha256:[0-9a-f]{64}$' },
  createdAt: time,
  runId: text,
  trackingRunId: text,
  commit: text,
  metrics: map(number),
  parameters: map(text),
  dataset: object({ name: text, digest: text }, ['name', 'digest'], closed),
  backend: text,
};
const versionRequired = [
  'version',
  'digest',
  'createdAt',
  'metrics',
  'parameters',
];

/** Schemas by name. */
export const modelSchemas: Record<string, Schema> = {
  ModelVersion: object(versionFields, versionRequired, closed),
  Model: object(
    {
      name: text,
      project: text,
      title: text,
      task: text,
      classes: list(text),
      primaryMetric: object(
        { name: text, direction },
        ['name', 'direction'],
        closed,
      ),
      intendedUse: text,
      limits: list(text),
      licence: text,
      aliases: list(
        object(
          { alias: text, version: text, declared: { type: 'boolean' } },
          ['alias', 'version', 'declared'],
          closed,
        ),
      ),
      gates: list(
        object({ name: text, check: text }, ['name', 'check'], closed),
      ),
      file: text,
      allowed: object({ promote: { type: 'boolean' } }, ['promote'], closed),
      versions: list(ref('ModelVersion')),
    },
    ['name', 'project', 'aliases', 'gates', 'versions'],
    closed,
  ),
  ModelVersionDetail: object(
    {
      ...versionFields,
      model: text,
      project: text,
      pipeline: text,
      sizeBytes: number,
      files: list(
        object(
          { path: text, sizeBytes: number, digest: text },
          ['path', 'sizeBytes', 'digest'],
          closed,
        ),
      ),
      signature: {},
      evaluation: { type: 'object' },
      previous: ref('ModelVersion'),
    },
    [...versionRequired, 'model', 'project', 'sizeBytes', 'files'],
    closed,
  ),
};

/** Paths below `/api/mlops`. */
export const modelPaths: Record<string, object> = {
  '/models/{project}/{model}': get(
    'A model with its versions',
    'Model',
    inPath('project', 'model'),
  ),
  '/models/{project}/{model}/versions/{version}': get(
    'One version',
    'ModelVersionDetail',
    inPath('project', 'model', 'version'),
  ),
  '/models/{project}/{model}/versions/{version}/files/{path}': bytes(
    'A file of a version',
    inPath('project', 'model', 'version', 'path'),
  ),
};
