import { completionsAt } from '@backstage-mlops/argo-engine';
import type { Suggestions } from './YamlEditor';

/** What may stand at a place of a pipeline's text: fields by the schema, names of templates, tasks and parameters. */
export function suggest(text: string, offset: number): Suggestions | undefined {
  return completionsAt(text, offset);
}
