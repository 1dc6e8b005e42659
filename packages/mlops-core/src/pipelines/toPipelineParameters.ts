import {
  listParameters,
  type ParsedWorkflow,
} from '@backstage-mlops/argo-engine';
import type { PipelineParameter } from './Pipeline';

/** Parameters that the portal sets on every run: where the project's files are. @public */
export const portalParameters = ['repo', 'revision', 'path'];

/** The fields of the run form. @public */
export function toPipelineParameters(
  document: ParsedWorkflow,
): PipelineParameter[] {
  return listParameters(document)
    .filter(parameter => !portalParameters.includes(parameter.name))
    .map(({ name, value, default: fallback, description, enum: choices }) => ({
      name,
      ...(typeof value === 'string' ? { value } : {}),
      ...(fallback !== undefined ? { default: fallback } : {}),
      ...(description ? { description } : {}),
      ...(choices ? { enum: choices } : {}),
      required: value === undefined && fallback === undefined,
    }));
}
