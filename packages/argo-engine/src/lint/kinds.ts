/* What a template does, and the steps or tasks that it has. */
import type { FieldPath } from '../yaml/fieldPath';

type Data = Record<string, any>;

/** Fields that say what a template does, in Argo's order. */
export const templateKinds = [
  'container',
  'containerSet',
  'steps',
  'script',
  'resource',
  'dag',
  'suspend',
  'data',
  'http',
  'plugin',
];

/** The first kind that a template has. */
export const kindOf = (template: Data): string | undefined =>
  templateKinds.find(kind => template[kind] !== undefined);

/** True for a template that runs a process of its own. */
export const isLeaf = (template: Data) =>
  [
    'container',
    'containerSet',
    'script',
    'resource',
    'data',
    'http',
    'plugin',
  ].includes(kindOf(template) ?? '');

/** True when a template has a result and an exit code. */
export const hasResult = (template: Data) =>
  ['container', 'script', 'data', 'http', 'plugin'].includes(
    kindOf(template) ?? '',
  );

/** A step or task, and where it stands. */
export interface MemberPlace {
  member: Data;
  path: FieldPath;
  /** Of a step: number of its group. */
  group?: number;
}

/** All steps or tasks of a template with their places. */
export function membersOf(template: Data, path: FieldPath): MemberPlace[] {
  const tasks = (template.dag?.tasks ?? []).map(
    (member: Data, index: number) => ({
      member,
      path: [...path, 'dag', 'tasks', index],
    }),
  );
  const steps = (template.steps ?? []).flatMap((group: unknown, g: number) =>
    Array.isArray(group)
      ? group.map((member, s) => ({
          member,
          path: [...path, 'steps', g, s],
          group: g,
        }))
      : [{ member: group, path: [...path, 'steps', g], group: g }],
  );
  return [...tasks, ...steps];
}

/** A member in Argo's words, as `templates.main.tasks.a`. */
export const memberField = (
  template: Data,
  { member, group }: MemberPlace,
): string =>
  group === undefined
    ? `templates.${template.name}.tasks.${member.name}`
    : `templates.${template.name}.steps[${group}].${member.name}`;

interface TemplatePlace {
  template: Data;
  path: FieldPath;
}

/** Templates of a spec with their places, also those that are written inside of a step or task. */
export function templatesOf(spec: Data): TemplatePlace[] {
  const within = (template: Data, path: FieldPath): TemplatePlace[] => [
    { template, path },
    ...membersOf(template, path).flatMap(({ member, path: place }) =>
      member.inline ? within(member.inline, [...place, 'inline']) : [],
    ),
  ];
  return (spec.templates ?? []).flatMap((template: Data, index: number) =>
    within(template, ['spec', 'templates', index]),
  );
}
