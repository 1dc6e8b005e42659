/* Names, calls and order: what a template calls exists, gets what it needs, and no task waits for itself. */
import { parseDepends } from '../expressions/depends';
import { tasksBefore } from '../graph/toGraph';
import type { FieldPath } from '../yaml/fieldPath';
import { closest } from './closest';
import type { Findings } from './checkShape';

type Record_ = Record<string, any>;

const namePattern = /^[a-zA-Z0-9][-a-zA-Z0-9]*$/;
const parameterPattern = /^[-a-zA-Z0-9_]+[-a-zA-Z0-9_.]*$/;
const kinds = [
  'container',
  'script',
  'steps',
  'dag',
  'suspend',
  'resource',
  'http',
  'plugin',
  'data',
  'containerSet',
];

/** A step or task, and where it stands. */
export interface MemberPlace {
  member: Record_;
  path: FieldPath;
}

/** All steps or tasks of a template with their places. */
export function membersOf(template: Record_, path: FieldPath): MemberPlace[] {
  const tasks = (template.dag?.tasks ?? []).map(
    (member: Record_, index: number) => ({
      member,
      path: [...path, 'dag', 'tasks', index],
    }),
  );
  const steps = (template.steps ?? []).flatMap((group: unknown, g: number) =>
    Array.isArray(group)
      ? group.map((member, s) => ({ member, path: [...path, 'steps', g, s] }))
      : [{ member: group, path: [...path, 'steps', g] }],
  );
  return [...tasks, ...steps];
}

/** Checks the templates of a spec. */
export function checkTemplates(spec: Record_, findings: Findings): void {
  const templates: Record_[] = spec.templates;
  const byName = new Map(templates.map(template => [template.name, template]));
  checkNames(templates, ['spec', 'templates'], findings, 'template');
  checkParameterNames(
    spec.arguments?.parameters,
    ['spec', 'arguments', 'parameters'],
    findings,
  );
  if (!byName.has(spec.entrypoint))
    findings.add(
      ['spec', 'entrypoint'],
      'unknown-template',
      `template name '${spec.entrypoint}' undefined${hint(
        spec.entrypoint,
        byName,
      )}`,
    );
  templates.forEach((template, index) => {
    const path: FieldPath = ['spec', 'templates', index];
    checkKind(template, path, findings);
    checkParameterNames(
      template.inputs?.parameters,
      [...path, 'inputs', 'parameters'],
      findings,
    );
    checkArtifacts(template, path, findings);
    checkMembers(template, path, byName, findings);
    if (template.dag) checkOrder(template, path, findings);
  });
}

function hint(name: unknown, byName: Map<string, unknown>): string {
  const guess = closest(String(name), [...byName.keys()]);
  return guess ? `. Did you mean '${guess}'?` : '';
}

function checkNames(
  items: Record_[],
  path: FieldPath,
  findings: Findings,
  what: string,
): void {
  const seen = new Set<string>();
  items.forEach((item, index) => {
    if (!namePattern.test(item.name) || item.name.length > 128)
      findings.add(
        [...path, index, 'name'],
        'invalid-name',
        `${what} name '${item.name}' is invalid: letters, digits and '-' only, at most 128`,
      );
    if (seen.has(item.name))
      findings.add(
        [...path, index, 'name'],
        'duplicate-name',
        `${what} name '${item.name}' is not unique`,
      );
    seen.add(item.name);
  });
}

function checkParameterNames(
  parameters: Record_[] | undefined,
  path: FieldPath,
  findings: Findings,
): void {
  const seen = new Set<string>();
  (parameters ?? []).forEach((parameter, index) => {
    if (!parameterPattern.test(parameter.name))
      findings.add(
        [...path, index, 'name'],
        'invalid-name',
        `parameter name '${parameter.name}' is invalid: letters, digits, '-', '_' and '.' only`,
      );
    if (seen.has(parameter.name))
      findings.add(
        [...path, index, 'name'],
        'duplicate-name',
        `parameter name '${parameter.name}' is not unique`,
      );
    seen.add(parameter.name);
    const choices = parameter.enum?.map(String);
    if (choices && choices.length === 0)
      findings.add(
        [...path, index, 'enum'],
        'empty-enum',
        `parameter '${parameter.name}' has an empty enum`,
      );
    const value = parameter.value ?? parameter.default;
    if (
      choices?.length &&
      value !== undefined &&
      !choices.includes(String(value))
    )
      findings.add(
        [...path, index],
        'not-in-enum',
        `parameter '${
          parameter.name
        }' has the value '${value}', which is not in its enum: ${choices.join(
          ', ',
        )}`,
      );
  });
}

function checkKind(
  template: Record_,
  path: FieldPath,
  findings: Findings,
): void {
  const present = kinds.filter(kind => template[kind] !== undefined);
  if (present.length === 0)
    findings.add(
      path,
      'no-kind',
      `template '${template.name}' has nothing to run: give container, script, steps, dag or suspend`,
    );
  if (present.length > 1)
    findings.add(
      path,
      'two-kinds',
      `template '${template.name}' has more than one kind: ${present.join(
        ', ',
      )}`,
    );
  const image = template.container?.image ?? template.script?.image;
  if (image === '')
    findings.add(
      [...path, template.container ? 'container' : 'script', 'image'],
      'empty-image',
      `template '${template.name}' has an empty image`,
    );
  if (template.container && !template.container.command?.length)
    findings.add(
      [...path, 'container'],
      'missing-command',
      `template '${template.name}' gives no command: on one machine an image has no entrypoint, so container.command is needed`,
    );
  if (template.script && !template.script.command?.length)
    findings.add(
      [...path, 'script'],
      'missing-command',
      `template '${template.name}' gives no script.command, as [sh] or [node]`,
    );
}

function checkArtifacts(
  template: Record_,
  path: FieldPath,
  findings: Findings,
): void {
  const isLeaf = Boolean(template.container || template.script);
  for (const side of ['inputs', 'outputs'])
    (template[side]?.artifacts ?? []).forEach(
      (artifact: Record_, index: number) => {
        const place: FieldPath = [...path, side, 'artifacts', index];
        if (isLeaf && !artifact.path)
          findings.add(
            place,
            'missing-path',
            `${side}.artifacts.${artifact.name} of template '${template.name}' needs a path`,
          );
        if (artifact.path && !String(artifact.path).startsWith('/'))
          findings.add(
            [...place, 'path'],
            'relative-path',
            `${side}.artifacts.${artifact.name}.path '${artifact.path}' must be absolute`,
          );
        const sources = ['from', 'raw', 'git'].filter(
          source => artifact[source] !== undefined,
        );
        if (sources.length > 1)
          findings.add(
            place,
            'two-sources',
            `${side}.artifacts.${
              artifact.name
            } has more than one source: ${sources.join(', ')}`,
          );
      },
    );
  (template.outputs?.parameters ?? []).forEach(
    (parameter: Record_, index: number) => {
      if (!parameter.valueFrom)
        findings.add(
          [...path, 'outputs', 'parameters', index],
          'missing-source',
          `outputs.parameters.${parameter.name} of template '${template.name}' needs valueFrom`,
        );
    },
  );
}

function checkMembers(
  template: Record_,
  path: FieldPath,
  byName: Map<string, Record_>,
  findings: Findings,
): void {
  const members = membersOf(template, path);
  const seen = new Set<string>();
  const what = template.dag ? 'task' : 'step';
  for (const { member, path: place } of members) {
    if (!namePattern.test(member.name))
      findings.add(
        [...place, 'name'],
        'invalid-name',
        `${what} name '${member.name}' is invalid: letters, digits and '-' only`,
      );
    if (seen.has(member.name))
      findings.add(
        [...place, 'name'],
        'duplicate-name',
        `${what} name '${member.name}' is not unique in template '${template.name}'`,
      );
    seen.add(member.name);
    const called = member.inline ?? byName.get(member.template);
    if (called) checkArguments(member, called, place, findings);
    else
      findings.add(
        [...place, 'template'],
        'unknown-template',
        `template name '${member.template}' undefined${hint(
          member.template,
          byName,
        )}`,
      );
  }
}

function checkArguments(
  member: Record_,
  called: Record_,
  place: FieldPath,
  findings: Findings,
): void {
  for (const kind of ['parameters', 'artifacts'] as const) {
    const given = new Set(
      (member.arguments?.[kind] ?? []).map((item: Record_) => item.name),
    );
    for (const input of called.inputs?.[kind] ?? []) {
      const own =
        kind === 'parameters'
          ? [input.value, input.default, input.valueFrom]
          : [input.raw, input.git, input.optional];
      if (!given.has(input.name) && own.every(value => value === undefined))
        findings.add(
          place,
          'missing-argument',
          `inputs.${kind}.${input.name} was not supplied to template '${called.name}' by '${member.name}'`,
        );
    }
  }
}

function checkOrder(
  template: Record_,
  path: FieldPath,
  findings: Findings,
): void {
  const tasks: Record_[] = template.dag.tasks;
  const names = new Map(tasks.map((task, index) => [task.name, index]));
  tasks.forEach((task, index) => {
    const place: FieldPath = [...path, 'dag', 'tasks', index];
    if (task.depends !== undefined && task.dependencies !== undefined)
      findings.add(
        place,
        'depends-and-dependencies',
        `task '${task.name}' has both depends and dependencies`,
      );
    if (task.depends) {
      try {
        parseDepends(task.depends);
      } catch (error) {
        findings.add(
          [...place, 'depends'],
          'invalid-depends',
          `task '${task.name}': ${(error as Error).message}`,
        );
      }
    }
    for (const name of tasksBefore(task))
      if (!names.has(name))
        findings.add(
          place,
          'unknown-task',
          `task '${task.name}' depends on '${name}', which is not a task of template '${template.name}'`,
        );
  });
  const cycle = findCycle(tasks);
  if (cycle)
    findings.add(
      [...path, 'dag', 'tasks', names.get(cycle[0])!],
      'cycle',
      `the tasks of template '${template.name}' wait for each other: ${[
        ...cycle,
        cycle[0],
      ].join(' -> ')}`,
    );
}

function findCycle(tasks: Record_[]): string[] | undefined {
  const before = new Map(
    tasks.map(task => [task.name as string, tasksBefore(task)]),
  );
  const done = new Set<string>();
  for (const start of before.keys()) {
    const trail: { name: string; rest: string[] }[] = [
      { name: start, rest: [...(before.get(start) ?? [])] },
    ];
    while (trail.length > 0) {
      const top = trail[trail.length - 1];
      const next = top.rest.shift();
      if (next === undefined) {
        done.add(top.name);
        trail.pop();
      } else {
        const at = trail.findIndex(item => item.name === next);
        if (at >= 0)
          return trail
            .slice(at)
            .map(item => item.name)
            .reverse();
        if (!done.has(next) && before.has(next))
          trail.push({ name: next, rest: [...before.get(next)!] });
      }
    }
  }
  return undefined;
}
