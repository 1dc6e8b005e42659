/* Order of a DAG's tasks: what they wait for exists, and none waits for itself. Source: validateDAG of Argo's validate.go. */
import { parseDepends } from '../expressions/depends';
import { tasksBefore } from '../graph/toGraph';
import { isLoop } from '../operate/members';
import type { FieldPath } from '../yaml/fieldPath';
import type { Findings } from './checkShape';
import { closest } from './closest';

type Data = Record<string, any>;

/** Checks what the tasks of a DAG template wait for, and its targets. */
export function checkDag(
  template: Data,
  path: FieldPath,
  findings: Findings,
): void {
  const tasks: Data[] = template.dag.tasks;
  const field = `templates.${template.name}`;
  if (tasks.length === 0)
    findings.add(
      [...path, 'dag', 'tasks'],
      'no-tasks',
      `${field} must have at least one task`,
    );
  const byName = new Map(tasks.map(task => [task.name as string, task]));
  const usesDepends = tasks.some(task => task.depends);
  tasks.forEach((task, index) => {
    const place: FieldPath = [...path, 'dag', 'tasks', index];
    checkWays(task, { place, field, usesDepends }, findings);
    if (parses(task, place, field, findings))
      checkBefore(task, { place, field, byName }, findings);
  });
  checkTargets(template, path, byName, findings);
  const cycle = findCycle(tasks);
  if (cycle)
    findings.add(
      [...path, 'dag', 'tasks', tasks.indexOf(byName.get(cycle[0])!)],
      'cycle',
      `${field} sorting failed: graph with cycle: ${[...cycle, cycle[0]].join(
        '->',
      )}`,
    );
}

function checkWays(
  task: Data,
  {
    place,
    field,
    usesDepends,
  }: { place: FieldPath; field: string; usesDepends: boolean },
  findings: Findings,
): void {
  if (
    (usesDepends || task.dependencies?.length) &&
    /^\d/.test(String(task.name))
  )
    findings.add(
      [...place, 'name'],
      'invalid-name',
      `${field}.tasks.${task.name} name cannot begin with a digit when using either 'depends' or 'dependencies'`,
    );
  if (usesDepends && task.dependencies?.length)
    findings.add(
      place,
      'depends-and-dependencies',
      `${field} cannot use both 'depends' and 'dependencies' in the same DAG template`,
    );
  if (usesDepends && task.continueOn)
    findings.add(
      [...place, 'continueOn'],
      'depends-and-continue-on',
      `${field} cannot use 'continueOn' when using 'depends'. Instead use 'dep-task.Failed'/'dep-task.Errored'`,
    );
}

function parses(
  task: Data,
  place: FieldPath,
  field: string,
  findings: Findings,
): boolean {
  if (!task.depends) return true;
  try {
    parseDepends(task.depends);
    return true;
  } catch (error) {
    findings.add(
      [...place, 'depends'],
      'invalid-depends',
      `${field}.tasks.${task.name} ${(error as Error).message}`,
    );
    return false;
  }
}

function checkBefore(
  task: Data,
  {
    place,
    field,
    byName,
  }: { place: FieldPath; field: string; byName: Map<string, Data> },
  findings: Findings,
): void {
  // As Argo reads it: the last word on a task counts, where a bare name asks for the task itself.
  const counted = new Set<string>();
  for (const [, name, result] of String(task.depends ?? '').matchAll(
    /([a-zA-Z0-9][-a-zA-Z0-9]*)(?:\.([A-Z][a-zA-Z]+))?/g,
  ))
    if (result === 'AnySucceeded' || result === 'AllFailed') counted.add(name);
    else if (!result) counted.delete(name);
  for (const name of new Set(tasksBefore(task))) {
    const before = byName.get(name);
    if (!before) {
      const guess = closest(name, [...byName.keys()]);
      findings.add(
        [...place, task.depends ? 'depends' : 'dependencies'],
        'unknown-task',
        `${field} sorting failed: invalid dependency ${name} of task '${
          task.name
        }'${guess ? `. Did you mean '${guess}'?` : ''}`,
      );
    } else if (counted.has(name) && !isLoop(before))
      findings.add(
        [...place, 'depends'],
        'not-a-loop',
        `${field}.tasks.${before.name} dependency '${name}' uses an items-based condition such as .AnySucceeded or .AllFailed but does not contain any items`,
      );
  }
}

function checkTargets(
  template: Data,
  path: FieldPath,
  byName: Map<string, Data>,
  findings: Findings,
): void {
  for (const target of String(template.dag.target ?? '').split(' '))
    if (target && !target.includes('{{') && !byName.has(target))
      findings.add(
        [...path, 'dag', 'target'],
        'unknown-task',
        `templates.${template.name}.targets: target '${target}' is not defined`,
      );
}

function findCycle(tasks: Data[]): string[] | undefined {
  const before = new Map(
    tasks.map(task => [task.name as string, safeBefore(task)]),
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
        if (at >= 0) return trail.slice(at).map(item => item.name);
        if (!done.has(next) && before.has(next))
          trail.push({ name: next, rest: [...before.get(next)!] });
      }
    }
  }
  return undefined;
}

// A text that cannot be read is told elsewhere.
function safeBefore(task: Data): string[] {
  try {
    return tasksBefore(task);
  } catch {
    return [];
  }
}
