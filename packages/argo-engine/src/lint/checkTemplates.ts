/*
 * What a spec calls exists, gets what it needs, and can run. Source: ValidateWorkflow of Argo's workflow/validate/validate.go,
 * whose words are kept; it stops at the first fault, here all are told.
 */
import type { FieldPath } from '../yaml/fieldPath';
import { checkArguments, missingInputs } from './checkArguments';
import { checkDag } from './checkDag';
import { checkInputsAndOutputs } from './checkOutputs';
import type { Findings } from './checkShape';
import { closest } from './closest';
import {
  isLeaf,
  kindOf,
  memberField,
  membersOf,
  templateKinds,
  type MemberPlace,
} from './kinds';
import { checkNames, fieldNameFault } from './names';
import type { TemplateFinder } from './templateFinder';

type Data = Record<string, any>;

const retryPolicies = ['Always', 'OnError', 'OnFailure', 'OnTransientError'];

/** Checks the templates of a spec, its arguments, hooks and entry point. */
export function checkTemplates(
  spec: Data,
  {
    finder,
    findings,
    isStarted,
  }: Pick<Context, 'finder' | 'findings'> & {
    /** It runs as it is; a file of templates gets its arguments from who calls it. */
    isStarted: boolean;
  },
): void {
  checkNames(
    spec.templates,
    {
      path: ['spec', 'templates'],
      what: 'spec.templates',
      fault: fieldNameFault,
    },
    findings,
  );
  checkArguments(
    spec,
    { path: ['spec'], prefix: 'spec.arguments.', mayBeEmpty: true },
    findings,
  );
  for (const field of ['entrypoint', 'onExit'])
    checkStart(field, spec, { finder, findings, isStarted });
  checkHooks(spec.hooks, { path: ['spec'], field: '' }, finder, findings);
  checkLocks(spec.synchronization, ['spec'], findings);
  (spec.templates as Data[]).forEach((template, index) => {
    const path: FieldPath = ['spec', 'templates', index];
    checkTemplate(template, path, { spec, finder, findings });
  });
}

// What the run begins and ends with gets the arguments of the run.
function checkStart(
  field: string,
  spec: Data,
  {
    finder,
    findings,
    isStarted,
  }: Pick<Context, 'finder' | 'findings'> & { isStarted: boolean },
): void {
  const name = spec[field];
  if (name === undefined) return;
  const { template: called } = finder.find({ template: name });
  if (!finder.has(name))
    findings.add(
      ['spec', field],
      'unknown-template',
      `template name '${name}' undefined${hint(name, finder)}`,
    );
  else if (called && (isStarted || field === 'onExit'))
    for (const input of missingInputs(called, spec.arguments))
      findings.add(
        ['spec', field],
        'missing-argument',
        `templates.${name} ${input} was not supplied`,
      );
}

// Fields that v4 of Argo has no more.
function checkLocks(
  synchronization: Data | undefined,
  path: FieldPath,
  findings: Findings,
): void {
  for (const [old, field] of [
    ['mutex', 'mutexes'],
    ['semaphore', 'semaphores'],
  ])
    if (synchronization?.[old])
      findings.add(
        [...path, 'synchronization', old],
        'old-field',
        `synchronization.${old} is an old field: write ${field}, a list`,
        'notice',
      );
}

interface Context {
  spec: Data;
  finder: TemplateFinder;
  findings: Findings;
}

function checkTemplate(
  template: Data,
  path: FieldPath,
  context: Context,
): void {
  const { findings } = context;
  checkKind(template, path, findings);
  checkFields(template, path, context);
  checkLocks(template.synchronization, path, findings);
  checkInputsAndOutputs(template, path, findings);
  const seen = new Set<string>();
  for (const place of membersOf(template, path)) {
    checkMemberName(template, place, seen, findings);
    checkMember(template, place, context);
  }
  if (template.dag) checkDag(template, path, findings);
}

function hint(name: unknown, finder: TemplateFinder): string {
  const guess = closest(String(name), finder.names);
  return guess ? `. Did you mean '${guess}'?` : '';
}

function checkKind(template: Data, path: FieldPath, findings: Findings): void {
  const present = templateKinds.filter(kind => template[kind] !== undefined);
  const choices =
    'choose one of: container, containerSet, steps, script, resource, dag, suspend, template, template ref';
  if (present.length === 0)
    findings.add(
      path,
      'no-kind',
      `template '${template.name}' type is unknown: give container, script, steps, dag or suspend`,
    );
  if (present.length > 1)
    findings.add(
      path,
      'two-kinds',
      `templates.${template.name} multiple template types specified. ${choices}`,
    );
}

function checkFields(
  template: Data,
  path: FieldPath,
  { spec, findings }: Context,
): void {
  const field = `templates.${template.name}`;
  const add = (name: string, code: string, message: string) =>
    findings.add([...path, ...name.split('.')], code, message);
  const kind = kindOf(template);
  if (kind === 'container' || kind === 'script') {
    const image = template[kind].image ?? spec.templateDefaults?.[kind]?.image;
    if (!image)
      add(kind, 'empty-image', `${field}.${kind}.image may not be empty`);
    const command =
      template[kind].command ?? spec.templateDefaults?.[kind]?.command;
    if (!command?.length)
      add(
        kind,
        'missing-command',
        kind === 'script'
          ? `template '${template.name}' gives no script.command, as [sh] or [node]`
          : `template '${template.name}' gives no command: on one machine an image has no entrypoint, so container.command is needed`,
      );
  }
  checkMounts(template, path, spec, findings);
  if (isLeaf(template)) {
    if (template.parallelism !== undefined)
      add(
        'parallelism',
        'misplaced-field',
        `${field}.parallelism is only valid for steps and dag templates`,
      );
    if (Number(template.activeDeadlineSeconds) < 0)
      add(
        'activeDeadlineSeconds',
        'negative',
        `${field}.activeDeadlineSeconds must be a positive integer > 0 or an argo variable`,
      );
  } else if (kind !== undefined && kind !== 'suspend') {
    if (template.activeDeadlineSeconds !== undefined)
      add(
        'activeDeadlineSeconds',
        'misplaced-field',
        `${field}.activeDeadlineSeconds is only valid for leaf templates`,
      );
    if (template.timeout !== undefined)
      add(
        'timeout',
        'misplaced-field',
        `timeout cannot be applied to steps or dag templates: ${field}`,
      );
  }
  if (template.timeout !== undefined && /^\d+$/.test(String(template.timeout)))
    add(
      'timeout',
      'invalid-duration',
      `${template.name} has invalid duration format in timeout.`,
    );
  const policy = template.retryStrategy?.retryPolicy;
  if (policy && !retryPolicies.includes(policy))
    add(
      'retryStrategy.retryPolicy',
      'invalid-retry-policy',
      `${policy} is not a valid RetryPolicy`,
    );
}

// A folder is mounted once, and from a volume that is there.
function checkMounts(
  template: Data,
  path: FieldPath,
  spec: Data,
  findings: Findings,
): void {
  const kind = template.script ? 'script' : 'container';
  const declared = new Set(
    [...(spec.volumes ?? []), ...(template.volumes ?? [])].map(
      (volume: Data) => volume.name,
    ),
  );
  const taken = new Map<string, string>();
  (template[kind]?.volumeMounts ?? []).forEach((mount: Data, index: number) => {
    const place = [...path, kind, 'volumeMounts', index];
    const field = `templates.${template.name}.${kind}.volumeMounts[${index}]`;
    if (!declared.has(mount.name))
      findings.add(
        [...place, 'name'],
        'unknown-volume',
        `${field}.name '${mount.name}' is not a volume of the workflow or the template`,
      );
    const before = taken.get(mount.mountPath);
    if (before)
      findings.add(
        [...place, 'mountPath'],
        'mounted-twice',
        `${field}.mountPath '${mount.mountPath}' already mounted in ${before}`,
      );
    taken.set(mount.mountPath, `container.volumeMounts.${mount.name}`);
  });
  if (!isLeaf(template)) return;
  (template.inputs?.artifacts ?? []).forEach(
    (artifact: Data, index: number) => {
      const before = taken.get(artifact.path);
      if (before)
        findings.add(
          [...path, 'inputs', 'artifacts', index, 'path'],
          'mounted-twice',
          `templates.${template.name}.inputs.artifacts[${index}].path '${artifact.path}' already mounted in ${before}`,
        );
      if (artifact.path)
        taken.set(artifact.path, `inputs.artifacts.${artifact.name}`);
    },
  );
}

function checkMemberName(
  template: Data,
  { member, path, group }: MemberPlace,
  seen: Set<string>,
  findings: Findings,
): void {
  const list =
    group === undefined
      ? `templates.${template.name}.tasks`
      : `templates.${template.name}.steps[${group}]`;
  const fault = fieldNameFault(member.name);
  if (fault)
    findings.add(
      [...path, 'name'],
      'invalid-name',
      `${list}.name '${member.name}' is invalid: ${fault}`,
    );
  if (seen.has(member.name))
    findings.add(
      [...path, 'name'],
      'duplicate-name',
      `${list}.name '${member.name}' is not unique`,
    );
  seen.add(member.name);
}

function checkMember(
  template: Data,
  place: MemberPlace,
  { finder, findings }: Context,
): void {
  const { member, path } = place;
  const field = memberField(template, place);
  const { template: called, fault, field: where } = finder.find(member);
  if (fault)
    findings.add(
      where ? [...path, where] : path,
      'unknown-template',
      `${field} ${fault}${
        where === 'template' ? hint(member.template, finder) : ''
      }`,
    );
  checkArguments(
    member,
    { path, prefix: `${field}.arguments.`, mayBeEmpty: false },
    findings,
  );
  for (const input of called ? missingInputs(called, member.arguments) : [])
    findings.add(
      path,
      'missing-argument',
      `${field} templates.${called?.name} ${input} was not supplied`,
    );
  checkLoop(member, path, field, findings);
  checkHooks(member.hooks, { path, field }, finder, findings);
  if (member.onExit !== undefined && !finder.has(member.onExit))
    findings.add(
      [...path, 'onExit'],
      'unknown-template',
      `${field} template name '${member.onExit}' undefined${hint(
        member.onExit,
        finder,
      )}`,
    );
}

function checkLoop(
  member: Data,
  path: FieldPath,
  field: string,
  findings: Findings,
): void {
  const kinds = [
    member.withItems?.length > 0,
    Boolean(member.withParam),
    member.withSequence !== undefined,
  ].filter(Boolean);
  if (kinds.length > 1)
    findings.add(
      path,
      'two-loops',
      `${field} only one of withItems, withParam, withSequence can be specified`,
    );
  const { count, end } = member.withSequence ?? {};
  if (count !== undefined && end !== undefined)
    findings.add(
      [...path, 'withSequence'],
      'invalid-sequence',
      `${field} only one of count or end can be defined in withSequence`,
    );
}

function checkHooks(
  hooks: Data | undefined,
  { path, field }: { path: FieldPath; field: string },
  finder: TemplateFinder,
  findings: Findings,
): void {
  for (const [name, hook] of Object.entries<Data>(hooks ?? {})) {
    const place = [...path, 'hooks', name];
    const words = field ? `${field}.${name}` : `hooks.${name}`;
    if (name !== 'exit' && !hook.expression)
      findings.add(place, 'missing-expression', `${words} Expression required`);
    const { fault, field: where } = finder.find(hook);
    if (fault)
      findings.add(
        where ? [...place, where] : place,
        'unknown-template',
        field ? `${field} ${fault}` : fault,
      );
  }
}
