/*
 * Every tag names something that exists where it stands. Source: resolveAllVariables and addOutputsToScope of Argo's
 * validate.go. Names that Argo lets pass, but that have no value when their turn comes, are notices.
 */
import { namesIn } from '../expressions/expr/names';
import { expressionsIn, tagsIn } from '../expressions/tags';
import { isLoop } from '../operate/members';
import type { FieldPath } from '../yaml/fieldPath';
import type { Findings } from './checkShape';
import { EarlierMembers } from './EarlierMembers';
import { hasResult, isLeaf, membersOf, type MemberPlace } from './kinds';
import type { TemplateFinder } from './templateFinder';

type Data = Record<string, any>;
type Known = (name: string) => boolean;

/** Checks all tags of a document's spec. */
export function checkReferences(
  manifest: Data,
  finder: TemplateFinder,
  findings: Findings,
): void {
  const { spec } = manifest;
  const isGlobal = globalsOf(manifest);
  const firstInline = findInline(spec, finder);
  (spec.templates as Data[]).forEach((template, index) => {
    const path: FieldPath = ['spec', 'templates', index];
    new TemplateReferences(template, path, {
      finder,
      findings,
      isGlobal,
      firstInline,
    }).check();
  });
}

const alwaysThere =
  /^(workflow\.(name|namespace|mainEntrypoint|serviceAccountName|uid|status|failures|priority|scheduledTime|(annotations|labels)(\.json)?)|(tasks|steps|node)\.name.*|workflow\.(creationTimestamp|duration|scheduledTime).*|outputs\..*)$/;

function globalsOf({ metadata, spec }: Data): Known {
  const words = new Set<string>();
  const parameters: Data[] = spec.arguments?.parameters ?? [];
  if (parameters.length > 0)
    words.add('workflow.parameters').add('workflow.parameters.json');
  for (const { name } of parameters) words.add(`workflow.parameters.${name}`);
  for (const field of ['labels', 'annotations'])
    for (const key of Object.keys({
      ...metadata?.[field],
      ...spec.workflowMetadata?.[field],
    }))
      words.add(`workflow.${field}.${key}`);
  // A file without an entry point is for others, who bring parameters of their own.
  const isLibrary = spec.entrypoint === undefined;
  const globalNames = outputNames(spec);
  return name =>
    words.has(name) ||
    alwaysThere.test(name) ||
    (isLibrary && name.startsWith('workflow.parameters')) ||
    globalNames(name);
}

// A global name with a tag in it is known when the run gets there.
function outputNames(spec: Data): Known {
  const named: string[] = [];
  let open = spec.templates.some((template: Data) =>
    JSON.stringify(template).includes('"templateRef"'),
  );
  for (const template of spec.templates as Data[])
    for (const kind of ['parameters', 'artifacts'] as const)
      for (const { globalName } of template.outputs?.[kind] ?? []) {
        if (!globalName) continue;
        if (globalName.includes('{{')) open = true;
        else named.push(`workflow.outputs.${kind}.${globalName}`);
      }
  return name =>
    named.includes(name) || (open && name.startsWith('workflow.outputs.'));
}

interface Context {
  finder: TemplateFinder;
  findings: Findings;
  isGlobal: Known;
  firstInline?: Data;
}

/**
 * The inline template that Argo meets first. It holds all of them to be one, as they have no name, and checks this one alone: its
 * text cannot name steps or tasks around it.
 */
function findInline(spec: Data, finder: TemplateFinder): Data | undefined {
  const seen = new Set<Data>();
  const visit = (template: Data): Data | undefined => {
    if (seen.has(template)) return undefined;
    seen.add(template);
    for (const { member } of membersOf(template, [])) {
      if (member.inline) return member.inline;
      const { template: called } = finder.find(member);
      const found = called && !member.templateRef && visit(called);
      if (found) return found;
    }
    return undefined;
  };
  const first = finder.find({ template: spec.entrypoint }).template;
  return (
    (first && visit(first)) ??
    (spec.templates as Data[]).map(visit).find(found => found !== undefined)
  );
}

class TemplateReferences {
  private readonly members: MemberPlace[];
  private readonly own: Set<string>;
  private readonly earlier: EarlierMembers;

  constructor(
    private readonly template: Data,
    private readonly path: FieldPath,
    private readonly context: Context,
  ) {
    this.members = membersOf(template, path);
    this.own = wordsOfInputs(template);
    this.earlier = new EarlierMembers(this.members, member =>
      this.wordsOf(member, { status: true }),
    );
  }

  check(): void {
    const { template, path } = this;
    const { steps: _steps, dag: _dag, outputs, ...body } = template;
    this.report(body, path, `templates.${template.name}:`, this.isOwn);
    const all = new Set(
      this.members.flatMap(({ member }) =>
        this.wordsOf(member, {
          status: !template.dag || Boolean(member.hooks),
        }),
      ),
    );
    this.report(
      outputs,
      [...path, 'outputs'],
      `templates.${template.name}.outputs`,
      name => this.isOwn(name) || all.has(name),
    );
    for (const place of this.members) this.checkMember(place, all);
  }

  private readonly isOwn: Known = name =>
    this.own.has(name) || this.context.isGlobal(name);

  private checkMember(place: MemberPlace, all: Set<string>): void {
    const { member, path } = place;
    const { dag } = this.template;
    const own = this.wordsOf(member, { status: true });
    // A step knows how it stands; what it gives is known to it when something runs after it.
    const isHeardAfter = Boolean(member.onExit || member.hooks?.exit);
    const stepWords = isHeardAfter ? own : [`steps.${member.name}.status`];
    const self = new Set([...(dag ? [] : stepWords), ...itemWords(member)]);
    const hooked = new Set(dag ? own : []);
    const inline = (member.inline?.inputs?.parameters ?? []).map(
      ({ name }: Data) => `inputs.parameters.${name}`,
    );
    const field = this.template.dag
      ? `templates.${this.template.name}.tasks.${member.name}`
      : `templates.${this.template.name}.steps`;
    const { hooks, inline: body, ...call } = member;
    const isKnown: Known = name =>
      this.isOwn(name) ||
      self.has(name) ||
      this.earlier.give(name, place) ||
      isAnyItem(member, name);
    this.report(call, path, field, isKnown, name =>
      dag ? all.has(name) : this.earlier.isBeside(name, place),
    );
    this.report(
      hooks,
      [...path, 'hooks'],
      field,
      name => isKnown(name) || hooked.has(name),
    );
    const isFirst = body !== undefined && body === this.context.firstInline;
    this.report(
      body,
      [...path, 'inline'],
      isFirst ? `${field} templates.:` : field,
      name =>
        !(isFirst && /^(steps|tasks)\.[^.]+\./.test(name)) &&
        (isKnown(name) ||
          inline.includes(name) ||
          (body && wordsOfInputs(body).has(name))),
    );
  }

  /** The argument of a task that begins with the name of another one. */
  private argumentAt(place: FieldPath, text: string): string | undefined {
    const [kind, index, field] = place.slice(-3) as [string, number, string];
    if (!text.startsWith('{{tasks.') || argumentPlaces[kind] !== field)
      return undefined;
    const member = this.members.find(({ path }) =>
      path.every((part, at) => place[at] === part),
    )?.member;
    const name = member?.arguments?.[kind]?.[index]?.name;
    return `${kind === 'parameters' ? 'parameter' : 'artifact'} '${name}'`;
  }

  /** What one member can be asked for. */
  private wordsOf(member: Data, { status }: { status: boolean }): string[] {
    const prefix = `${this.template.dag ? 'tasks' : 'steps'}.${member.name}`;
    const words = ['id', 'startedAt', 'finishedAt', 'hostNodeName', 'ip'];
    if (status) words.push('status');
    const { template: called, fault } = this.context.finder.find(member);
    // What is called is not known here: everything may be.
    if (!called)
      return fault || !member.templateRef
        ? words.map(word => `${prefix}.${word}`)
        : [`${prefix}.*`];
    if (hasResult(called)) words.push('outputs.result', 'exitCode');
    if (isLoop(member)) words.push('outputs.parameters');
    for (const kind of ['parameters', 'artifacts'] as const)
      for (const { name } of called.outputs?.[kind] ?? [])
        words.push(`outputs.${kind}.${name}`);
    return words.map(word => `${prefix}.${word}`);
  }

  private report(
    value: unknown,
    path: FieldPath,
    field: string,
    isKnown: Known,
    isLater: Known = () => false,
  ): void {
    const { findings } = this.context;
    eachText(value, path, (text, place) => {
      for (const source of expressionsIn(text)) {
        const fault = expressionFault(source);
        if (fault)
          findings.add(
            place,
            'invalid-expression',
            `${field} {{=${source}}}: ${fault}`,
          );
      }
      for (const name of tagsIn(text)) {
        if (!isArgoName(name) || isKnown(name)) continue;
        const member = name.split('.').slice(0, 2).join('.');
        if (isKnown(`${member}.*`)) continue;
        const owner = name.split('.')[1];
        const argument = this.argumentAt(place, text);
        if (isLater(name) && argument !== undefined)
          findings.add(
            place,
            'missing-dependency',
            `${field} missing dependency '${owner}' for ${argument}`,
          );
        else if (isLater(name))
          findings.add(
            place,
            'not-before',
            `${field} {{${name}}} has no value here: '${owner}' does not come before`,
            'notice',
          );
        else if (name === 'item')
          // Argo lets it pass, and the text reaches the step.
          findings.add(
            place,
            'no-loop',
            `${field} {{item}} stays as it is written: there is no loop here`,
            'warning',
          );
        else
          findings.add(
            place,
            'unresolved-reference',
            `${field} failed to resolve {{${name}}}`,
          );
      }
    });
  }
}

// The end of a place: `arguments.parameters.0.value`. With `valueFrom` or in the middle of a text Argo lets it pass.
const argumentPlaces: Record<string, string> = {
  parameters: 'value',
  artifacts: 'from',
};

/** Text in braces that is no name of Argo's is the author's own. */
const isArgoName = (name: string) =>
  /^(item|steps|inputs|outputs|pod|workflow|tasks)\.\S/.test(name) ||
  name === 'item';

const isAnyItem = ({ withParam, withItems }: Data, name: string) =>
  (Boolean(withParam) || /"\{\{/.test(JSON.stringify(withItems ?? []))) &&
  /^item(\.|$)/.test(name);

function itemWords(member: Data): string[] {
  const { withItems, withParam, withSequence } = member;
  if (withParam || withSequence) return ['item'];
  return (withItems ?? []).flatMap((item: unknown) => {
    if (Array.isArray(item))
      return ['item', ...item.map((_, index) => `item.[${index}]`)];
    if (typeof item === 'object' && item !== null)
      return ['item', ...Object.keys(item).map(key => `item.${key}`)];
    return ['item'];
  });
}

function wordsOfInputs(template: Data): Set<string> {
  const words = new Set<string>(['pod.name']);
  const parameters: Data[] = template.inputs?.parameters ?? [];
  if (parameters.length > 0) words.add('inputs.parameters');
  for (const { name } of parameters) words.add(`inputs.parameters.${name}`);
  for (const { name } of template.inputs?.artifacts ?? []) {
    words.add(`inputs.artifacts.${name}`);
    if (isLeaf(template)) words.add(`inputs.artifacts.${name}.path`);
  }
  return words;
}

function expressionFault(source: string): string | undefined {
  try {
    namesIn(source);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function eachText(
  value: unknown,
  path: FieldPath,
  visit: (text: string, path: FieldPath) => void,
): void {
  if (typeof value === 'string') visit(value, path);
  else if (Array.isArray(value))
    value.forEach((item, index) => eachText(item, [...path, index], visit));
  else if (typeof value === 'object' && value !== null)
    for (const [key, item] of Object.entries(value))
      eachText(item, [...path, key], visit);
}
