import {
  closest,
  listParameters,
  workflowOf,
  type FieldPath,
  type ParsedWorkflow,
} from '@backstage-mlops/argo-engine';
import type { FileEdit } from '../changes/Change';
import { InputError } from '../errors';
import { portalParameters } from './toPipelineParameters';

/** Fields to set in a YAML file, as a `FileEdit` has them. @public */
export type FieldEdits = Extract<FileEdit, { set: unknown }>['set'];

/**
 * What has to be set in a pipeline's file so that its parameters have these values. A value that the file writes as a number or as
 * true or false stays one where the new value can be. Parameters that have the value already are left out. InputError names all that
 * the pipeline does not have.
 *
 * @public
 */
export function parameterEdits(
  document: ParsedWorkflow,
  values: Record<string, string>,
): FieldEdits {
  const place = placeOf(document);
  const names = place.list.map(item => item?.name);
  const unknown = Object.keys(values).filter(name => !names.includes(name));
  if (unknown.length > 0)
    throw new InputError(
      unknown.map(name => unknownName(document, name, names)).join(' '),
      'invalid-field',
    );
  return place.list.flatMap((item, index) => {
    if (typeof item?.name !== 'string' || !Object.hasOwn(values, item.name))
      return [];
    const old = item.value ?? item.default;
    const value = likeOld(values[item.name], old);
    if (value === item.value) return [];
    return [{ at: [...place.at, index, 'value'], value }];
  });
}

/**
 * Makes the parameters of a run the defaults of its pipeline: those that the pipeline still has, without what the portal sets itself.
 *
 * @public
 */
export function defaultsFromRun(
  document: ParsedWorkflow,
  parameters: { name: string; value: string }[],
): FieldEdits {
  const names = placeOf(document).list.map(item => item?.name);
  const kept = parameters.filter(
    ({ name }) => names.includes(name) && !portalParameters.includes(name),
  );
  return parameterEdits(
    document,
    Object.fromEntries(kept.map(({ name, value }) => [name, value])),
  );
}

function placeOf(document: ParsedWorkflow): {
  list: Record<string, any>[];
  at: FieldPath;
} {
  const isSchedule = document.kind === 'CronWorkflow';
  const inner = isSchedule ? workflowOf(document) : document;
  const list = inner.manifest.spec?.arguments?.parameters;
  return {
    list: Array.isArray(list) ? list : [],
    at: [
      'spec',
      ...(isSchedule ? ['workflowSpec'] : []),
      'arguments',
      'parameters',
    ],
  };
}

function unknownName(
  document: ParsedWorkflow,
  name: string,
  names: string[],
): string {
  const guess = closest(
    name,
    listParameters(document).map(item => item.name),
  );
  const hint = guess ? ` Did you mean '${guess}'?` : '';
  return names.length === 0
    ? `Pipeline '${document.name}' has no parameters, so '${name}' cannot be set.`
    : `Pipeline '${document.name}' has no parameter '${name}'.${hint}`;
}

// Argo reads 7 and '7' alike; the file keeps its way.
function likeOld(value: string, old: unknown): string | number | boolean {
  if (
    typeof old === 'number' &&
    String(Number(value)) === value &&
    Number.isFinite(Number(value))
  )
    return Number(value);
  if (typeof old === 'boolean' && (value === 'true' || value === 'false'))
    return value === 'true';
  return value;
}
