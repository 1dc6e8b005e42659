/*
 * What the CRDs of Argo's release since 4.0 demand though its controller does without: a `maxAge` of what is memoized, where an
 * empty one means that nothing grows too old.
 */

/** A copy of a spec that the API server takes. */
export function toStrict(spec: Record<string, any>): Record<string, any> {
  const copy = structuredClone(spec);
  for (const template of [copy.templateDefaults, ...listOf(copy.templates)])
    complete(template);
  return copy;
}

function complete(template: any): void {
  if (typeof template !== 'object' || template === null) return;
  const { memoize } = template;
  if (typeof memoize === 'object' && memoize !== null) memoize.maxAge ??= '';
  for (const member of [
    ...listOf(template.steps).flat(),
    ...listOf(template.dag?.tasks),
  ])
    complete(member?.inline);
}

const listOf = (value: unknown): any[] => (Array.isArray(value) ? value : []);
