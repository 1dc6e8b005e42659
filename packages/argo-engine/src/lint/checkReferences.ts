/* Every tag names something that exists where it stands. Wording after Argo's "failed to resolve {{...}}". */
import { namesIn } from '../expressions/expr/evaluate';
import { expressionsIn, tagsIn } from '../expressions/tags';
import { isLoop } from '../operate/members';
import type { FieldPath } from '../yaml/fieldPath';
import { membersOf } from './checkTemplates';
import type { Findings } from './checkShape';

type Record_ = Record<string, any>;

const fixedGlobals = [
  'name',
  'namespace',
  'uid',
  'mainEntrypoint',
  'serviceAccountName',
  'creationTimestamp',
  'priority',
  'parameters',
  'parameters.json',
];

/** Checks all tags of a spec. */
export function checkReferences(spec: Record_, findings: Findings): void {
  const parameters = new Set(
    (spec.arguments?.parameters ?? []).map(
      (parameter: Record_) => `workflow.parameters.${parameter.name}`,
    ),
  );
  const isGlobal = (name: string) =>
    parameters.has(name) ||
    fixedGlobals.some(global => name === `workflow.${global}`) ||
    /^workflow\.(labels|annotations|creationTimestamp|outputs)\./.test(name) ||
    /^workflow\.(status|failures|duration)$/.test(name);
  const byName = new Map<string, Record_>(
    spec.templates.map((template: Record_) => [template.name, template]),
  );
  spec.templates.forEach((template: Record_, index: number) => {
    const path: FieldPath = ['spec', 'templates', index];
    const own = ownWords(template);
    const isOwn = (name: string) =>
      isGlobal(name) ||
      own.has(name) ||
      /^((pod|node)\.name|retries|lastRetry\..*)$/.test(name);
    const { steps, dag, ...body } = template;
    const after = outputWords(template, byName);
    report(body, path, name => isOwn(name) || after(name), findings);
    for (const { member, path: place } of membersOf(template, path)) {
      const siblings = siblingWords(template, member, byName);
      // Hooks and inline templates see the member itself, and inputs of their own.
      const { hooks: _hooks, inline: _inline, ...checked } = member;
      report(
        checked,
        place,
        name => isOwn(name) || siblings(name) || isItem(member, name),
        findings,
      );
    }
  });
}

function report(
  value: unknown,
  path: FieldPath,
  isKnown: (name: string) => boolean,
  findings: Findings,
): void {
  for (const source of expressionsIn(value)) {
    try {
      namesIn(source);
    } catch (error) {
      findings.add(
        path,
        'invalid-expression',
        `{{=${source}}}: ${(error as Error).message}`,
      );
    }
  }
  for (const name of tagsIn(value)) {
    // Text in braces that is no name of Argo's is the author's own.
    if (
      /^(workflow|inputs|outputs|steps|tasks|item|pod|node)\b[\w.-]*$/.test(
        name,
      ) &&
      !isKnown(name)
    )
      findings.add(
        path,
        'unresolved-reference',
        `failed to resolve {{${name}}}`,
      );
  }
}

const isItem = (member: Record_, name: string) =>
  isLoop(member) && /^item(\.|$)/.test(name);

function ownWords(template: Record_): Set<string> {
  const words = new Set<string>([
    'inputs.parameters',
    'steps.name',
    'tasks.name',
  ]);
  for (const { name } of template.inputs?.parameters ?? [])
    words.add(`inputs.parameters.${name}`);
  for (const { name } of template.inputs?.artifacts ?? [])
    words.add(`inputs.artifacts.${name}`).add(`inputs.artifacts.${name}.path`);
  for (const { name } of template.outputs?.artifacts ?? [])
    words.add(`outputs.artifacts.${name}.path`);
  for (const { name } of template.outputs?.parameters ?? [])
    words.add(`outputs.parameters.${name}.path`);
  return words;
}

/** What a template's own outputs may name: all of its members. */
function outputWords(template: Record_, byName: Map<string, Record_>) {
  const members = membersOf(template, []).map(({ member }) => member);
  return wordsOf(template.dag ? 'tasks' : 'steps', members, byName);
}

/** What a member may name: steps of earlier groups, other tasks of the DAG that come before. */
function siblingWords(
  template: Record_,
  member: Record_,
  byName: Map<string, Record_>,
) {
  if (template.dag)
    return wordsOf('tasks', before(template.dag.tasks, member), byName);
  const groups = template.steps.map((group: unknown) =>
    Array.isArray(group) ? group : [group],
  );
  const at = groups.findIndex((group: Record_[]) => group.includes(member));
  return wordsOf('steps', groups.slice(0, at).flat(), byName);
}

function before(tasks: Record_[], member: Record_): Record_[] {
  const byTask = new Map(tasks.map(task => [task.name, task]));
  const found = new Set<Record_>();
  const visit = (task: Record_) => {
    const names: string[] = Array.isArray(task.dependencies)
      ? task.dependencies
      : String(task.depends ?? '').match(/[a-zA-Z0-9_][-a-zA-Z0-9_]*/g) ?? [];
    for (const name of names) {
      const next = byTask.get(name);
      if (next && !found.has(next)) {
        found.add(next);
        visit(next);
      }
    }
  };
  visit(member);
  return [...found];
}

function wordsOf(
  kind: string,
  members: Record_[],
  byName: Map<string, Record_>,
) {
  const words = new Set<string>();
  for (const member of members) {
    const prefix = `${kind}.${member.name}`;
    for (const field of [
      'id',
      'status',
      'startedAt',
      'finishedAt',
      'ip',
      'exitCode',
      'outputs.result',
      'outputs.parameters',
      'outputs.artifacts',
    ])
      words.add(`${prefix}.${field}`);
    const outputs = byName.get(member.template)?.outputs ?? {};
    for (const { name } of outputs.parameters ?? [])
      words.add(`${prefix}.outputs.parameters.${name}`);
    for (const { name } of outputs.artifacts ?? [])
      words.add(`${prefix}.outputs.artifacts.${name}`);
  }
  return (name: string) => words.has(name);
}
