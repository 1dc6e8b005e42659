/*
 * What the CRDs of Argo's release refuse, as far as files of projects come near it: fields that are demanded, one type a template.
 * Source: manifests/base/crds/full.
 */
import { Fault } from './objects.ts';

const types = [
  'container',
  'containerSet',
  'dag',
  'data',
  'http',
  'plugin',
  'resource',
  'script',
  'steps',
  'suspend',
];

export function checkSpec(
  { group, resource }: { group: string; resource: string },
  body: any,
): void {
  if (group !== 'argoproj.io') return;
  const spec = body?.spec?.workflowSpec ?? body?.spec ?? {};
  const faults = (spec.templates ?? []).flatMap(
    (template: any, index: number) =>
      faultsOf(template, `spec.templates[${index}]`),
  );
  if (faults.length > 0)
    throw new Fault(
      422,
      'Invalid',
      `${resource}.argoproj.io "${
        body.metadata?.name
      }" is invalid: [${faults.join(', ')}]`,
    );
}

function faultsOf(template: any, place: string): string[] {
  const { memoize } = template;
  const faults = ['cache', 'key', 'maxAge']
    .filter(field => memoize && memoize[field] === undefined)
    .map(field => `${place}.memoize.${field}: Required value`);
  if (types.filter(type => template[type] !== undefined).length > 1)
    faults.push(
      `${place}: Invalid value: "object": template must have at most one template type`,
    );
  return faults;
}
