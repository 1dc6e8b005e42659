/*
 * Names that a workflow file gives, read line by line, since its text may be half typed.
 */
import type { Completion } from './completionsAt';

/** @see namesIn */
export interface FileNames {
  parameters: string[];
  templates: string[];
  tasks: string[];
}

/** Names of workflow parameters, templates, and steps or tasks. */
export function namesIn(text: string): FileNames {
  const found: FileNames = { parameters: [], templates: [], tasks: [] };
  const open: { column: number; key: string }[] = [];
  for (const line of text.split(/\r?\n/)) {
    const match = /^(\s*)((?:- +)*)(\{ *)?([\w.-]+):\s*(.*)$/.exec(line);
    if (!match) continue;
    const column = match[1].length + match[2].length;
    const edge = match[2] ? match[1].length : column;
    while (open.length > 0 && open.at(-1)!.column >= edge + (match[2] ? 1 : 0))
      open.pop();
    const keys = open.map(item => item.key);
    if (match[4] === 'name') {
      const name = match[5]
        .replace(/[,}].*$/, '')
        .replace(/\s+#.*$/, '')
        .replace(/^["']|["']$/g, '')
        .trim();
      if (name) sort(found, keys, name);
    }
    open.push({ column, key: match[4] });
  }
  return found;
}

function sort(found: FileNames, keys: string[], name: string) {
  const list = keys.at(-1);
  if (list === 'templates') found.templates.push(name);
  else if (list === 'tasks' || list === 'steps') found.tasks.push(name);
  else if (
    list === 'parameters' &&
    keys.at(-2) === 'arguments' &&
    !keys.includes('templates')
  )
    found.parameters.push(name);
}

/** Tags that can stand within `{{ }}` at a place: of the workflow, and of the template around it. */
export function tagsAt(text: string, offset: number): Completion[] {
  const { parameters, tasks } = namesIn(text);
  const inputs = inputsAround(text, offset);
  const words = [
    ...parameters.map(name => `workflow.parameters.${name}`),
    ...inputs.map(name => `inputs.parameters.${name}`),
    ...tasks.flatMap(name => [
      `tasks.${name}.outputs.result`,
      `tasks.${name}.outputs.parameters.`,
      `tasks.${name}.outputs.artifacts.`,
    ]),
    'workflow.name',
    'workflow.uid',
    'workflow.status',
    'item',
    'pod.name',
    'retries',
  ];
  return words.map(label => ({ label, kind: 'tag' as const }));
}

// Parameters of `inputs` between the template's name and the next template.
function inputsAround(text: string, offset: number): string[] {
  const head = text.slice(0, offset);
  const heads = [...head.matchAll(/^( *)- name:/gm)];
  const templates = text.search(/^ *templates:/m);
  const inside = heads.filter(
    match => match.index > templates && templates >= 0,
  );
  if (inside.length === 0) return [];
  const indent = Math.min(...inside.map(match => match[1].length));
  const start = inside.findLast(match => match[1].length === indent)!.index;
  const rest = text.slice(start + 1);
  const next = new RegExp(`^ {${indent}}- `, 'm').exec(rest);
  const body = rest.slice(0, next?.index ?? rest.length);
  const inputs =
    /^( *)inputs:[\s\S]*?(?=^ {0,}(?:outputs|container|script|steps|dag|suspend|memoize):|$(?![\s\S]))/m.exec(
      body,
    )?.[0] ?? '';
  return [...inputs.matchAll(/name:\s*["']?([\w.-]+)/g)].map(match => match[1]);
}
