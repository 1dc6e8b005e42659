/*
 * A global output has a value once a step that gives it is over. Argo takes a name that some step gives anywhere before in the
 * file; here a name that no step can have given yet is a warning, since the run ends at it.
 */
import { tagsIn } from '../expressions/tags';
import { tasksBefore } from '../graph/toGraph';
import type { FieldPath } from '../yaml/fieldPath';
import type { Findings } from './checkShape';
import { membersOf, type MemberPlace } from './kinds';
import type { TemplateFinder } from './templateFinder';

type Data = Record<string, any>;

/** Checks the names of global outputs, from the entry point on. */
export function checkGlobals(
  spec: Data,
  finder: TemplateFinder,
  findings: Findings,
): void {
  const text = JSON.stringify(spec);
  if (!text.includes('workflow.outputs.') || isOpen(spec, text)) return;
  const walk = new Walk(finder);
  const entry = finder.find({ template: spec.entrypoint }).template;
  if (entry) walk.enter(entry, new Set());
  (spec.templates as Data[]).forEach((template, index) => {
    const before = walk.before.get(template);
    if (before) report(template, ['spec', 'templates', index], before);
  });

  function report(template: Data, path: FieldPath, before: Set<string>): void {
    const { steps: _steps, dag: _dag, outputs: _outputs, ...body } = template;
    check(body, path, before);
    for (const place of membersOf(template, path)) {
      const { hooks: _hooks, onExit: _onExit, ...call } = place.member;
      check(call, place.path, walk.earlier(template, place, before));
    }
  }

  function check(value: unknown, path: FieldPath, known: Set<string>): void {
    for (const name of new Set(tagsIn(value)))
      if (/^workflow\.outputs\./.test(name) && !known.has(name))
        if (walk.given.has(name))
          findings.add(
            placeOf(value, path, name),
            'not-before',
            `{{${name}}} has no value here: nothing that gives it comes before`,
            'warning',
          );
  }
}

// Templates of other files, and names that are made by the run, may give anything.
const isOpen = (spec: Data, text: string) =>
  !spec.entrypoint ||
  text.includes('"templateRef"') ||
  /"globalName":"[^"]*\{\{/.test(text);

/** What is known when a template begins: all that any of its callers may have seen. */
class Walk {
  readonly before = new Map<Data, Set<string>>();
  /** All names that the walk found given. */
  readonly given = new Set<string>();
  private readonly inside = new Map<Data, Set<string>>();
  private readonly givers = new Map<Data, MemberPlace[]>();

  constructor(private readonly finder: TemplateFinder) {}

  enter(template: Data, known: Set<string>): void {
    const before = this.before.get(template);
    if (before && [...known].every(name => before.has(name))) return;
    const all = new Set([...(before ?? []), ...known]);
    this.before.set(template, all);
    for (const name of this.givenBy(template)) this.given.add(name);
    for (const place of membersOf(template, [])) {
      const called = this.calledBy(place.member);
      if (called) this.enter(called, this.earlier(template, place, all));
    }
  }

  /** What is known when a step or task begins. */
  earlier(
    template: Data,
    { member, group }: MemberPlace,
    before: Set<string>,
  ): Set<string> {
    const givers = this.giversIn(template);
    if (givers.length === 0) return before;
    const known = new Set(before);
    const waitedFor = group === undefined ? allBefore(template, member) : null;
    for (const giver of givers)
      if (waitedFor?.has(giver.member.name) ?? giver.group! < group!)
        for (const name of this.givenBy(this.calledBy(giver.member)))
          known.add(name);
    return known;
  }

  private giversIn(template: Data): MemberPlace[] {
    const known = this.givers.get(template);
    if (known) return known;
    const givers = membersOf(template, []).filter(
      ({ member }) => this.givenBy(this.calledBy(member)).size > 0,
    );
    this.givers.set(template, givers);
    return givers;
  }

  private calledBy(member: Data): Data | undefined {
    return member.inline ?? this.finder.find(member).template;
  }

  /** Names that a template gives, itself or by what it calls. */
  private givenBy(template: Data | undefined): Set<string> {
    if (!template) return new Set();
    const known = this.inside.get(template);
    if (known) return known;
    const names = new Set<string>();
    this.inside.set(template, names);
    for (const kind of ['parameters', 'artifacts'])
      for (const { globalName } of template.outputs?.[kind] ?? [])
        if (globalName) names.add(`workflow.outputs.${kind}.${globalName}`);
    for (const { member } of membersOf(template, []))
      for (const name of this.givenBy(this.calledBy(member))) names.add(name);
    return names;
  }
}

function allBefore(template: Data, member: Data): Set<string> {
  const tasks = new Map<string, Data>(
    (template.dag?.tasks ?? []).map((task: Data) => [task.name, task]),
  );
  const seen = new Set<string>();
  const open = [member];
  for (let task = open.pop(); task; task = open.pop())
    for (const name of tasksBefore(task)) {
      const next = tasks.get(name);
      if (!next || seen.has(name)) continue;
      seen.add(name);
      open.push(next);
    }
  return seen;
}

function placeOf(value: unknown, path: FieldPath, name: string): FieldPath {
  if (typeof value !== 'object' || value === null) return path;
  for (const [key, inner] of Object.entries(value))
    if (tagsIn(inner).includes(name))
      return placeOf(
        inner,
        [...path, Array.isArray(value) ? Number(key) : key],
        name,
      );
  return path;
}
