import { isRecord, type ParsedWorkflow } from '../documents/parseWorkflows';
import type { Parameter } from '../types';

/** The parameters of `spec.arguments`, as a submitter may set them; entries that are no parameters are left out. @public */
export function listParameters(document: ParsedWorkflow): Parameter[] {
  const list = document.manifest.spec.arguments?.parameters;
  if (!Array.isArray(list)) return [];
  return list
    .filter(item => isRecord(item) && typeof item.name === 'string')
    .map(item => ({
      name: item.name,
      ...(item.value !== undefined ? { value: toText(item.value) } : {}),
      ...(item.default !== undefined ? { default: toText(item.default) } : {}),
      ...(typeof item.description === 'string'
        ? { description: item.description }
        : {}),
      ...(Array.isArray(item.enum) ? { enum: item.enum.map(toText) } : {}),
    }));
}

/** Argo's AnyString: a number, boolean or text of YAML as the text that a step sees. */
export function toText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
