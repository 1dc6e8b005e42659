/* What a client logs, read and checked: points, parameters, tags. */
import type { Point, RunRow } from '../experiments/RunStore';
import type { Ask } from './ask';
import { invalid } from './errors';
import { checkKey, type Fields } from './fields';

export function toPoint(fields: Fields): Point {
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
    throw fields.wrong('value', raw);
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

export const toTag = (fields: Fields, limit = 8000) => ({
  key: checkKey(fields.string('key', 2000), 'tag'),
  value: fields.optionalString('value', limit) ?? '',
});

export const toParam = (fields: Fields) => ({
  key: checkKey(fields.string('key', 2000), 'parameter'),
  value: fields.optionalString('value', 6000) ?? '',
});

// Parameters of a run never change.
export async function checkParams(
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

export function checkBatch(fields: Fields): void {
  for (const [name, limit] of Object.entries(batchLimits)) {
    const { length } = fields.list(name);
    if (length > limit)
      throw invalid(
        `A batch logging request can contain at most ${limit} ${name}. Got ${length} ${name}. Please split up ${name} across multiple requests and try again.`,
      );
  }
}
