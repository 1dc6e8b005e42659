/*
 * What Argo's own linter and controller let pass, and the API server refuses where Argo's full definitions of its objects (CRDs) are
 * installed, as they are by default since 4.0. A warning, since the file runs on one machine and where the definitions are the minimal
 * ones. Source: `required` in manifests/base/crds/full of 4.0.7.
 */
import type { FieldPath } from '../yaml/fieldPath';
import type { Findings } from './checkShape';
import { templatesOf } from './kinds';

type Data = Record<string, any>;

/** Checks templates and what is written inside of them. */
export function checkDefinitions(spec: Data, findings: Findings): void {
  for (const { template, path } of templatesOf(spec))
    checkTemplate(template, path, findings);
}

function checkTemplate(
  template: Data,
  path: FieldPath,
  findings: Findings,
): void {
  const { memoize } = template;
  const lacks = (field: string, advice: string) =>
    findings.add(
      [...path, 'memoize'],
      'missing-field',
      `memoize.${field} is missing, and Argo's definitions on a cluster require it: ${advice}`,
      'warning',
    );
  if (memoize && !memoize.maxAge)
    lacks('maxAge', "say how long an entry counts, as '24h'");
  if (memoize && !memoize.cache?.configMap)
    lacks('cache.configMap', 'name the ConfigMap that keeps the entries');
}
