/*
 * The words that begin with `workflow.`: what every template of a run may use. Argo's own spelling, since people cut these texts into
 * pieces: times by the second, JSON as Go writes it.
 */
import { toGoJson } from '../expressions/expr/values';
import type { Scope } from '../expressions/tags';
import { toText } from '../graph/listParameters';
import type { OperateInput, WorkflowState } from '../types';

/** Those that are known when a pass begins. */
export function globalsOf({ workflow, state, now }: OperateInput): Scope {
  const { metadata, spec } = workflow;
  const scope: Scope = {
    'workflow.name': metadata.name,
    'workflow.namespace': metadata.namespace ?? 'default',
    'workflow.uid': metadata.uid ?? '',
    'workflow.mainEntrypoint': spec.entrypoint ?? '',
    'workflow.serviceAccountName': spec.serviceAccountName ?? '',
    // As it was before this pass; a run that nobody looked at yet has none.
    'workflow.status': isSeen(state) ? state.phase : '',
    'workflow.duration': secondsText(state.startedAt ?? now, now),
  };
  if (spec.priority !== undefined && spec.priority !== null)
    scope['workflow.priority'] = String(spec.priority);
  const scheduled =
    metadata.annotations?.['workflows.argoproj.io/scheduled-time'];
  if (scheduled) scope['workflow.scheduledTime'] = scheduled;
  addCreation(scope, metadata.creationTimestamp ?? state.startedAt ?? now);
  addParameters(scope, (spec.arguments?.parameters ?? []) as Parameter[]);
  for (const field of ['labels', 'annotations'] as const)
    addNotes(
      scope,
      field,
      metadata[field],
      {
        ...spec.workflowMetadata?.[field],
        ...notesOf(state)?.[field],
      },
      isSeen(state),
    );
  return scope;
}

const isUtc = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;

/** A moment as Argo writes it in texts. */
export function rfc3339(time: string): string {
  // Nodes have their times like this, and a large run asks for very many of them.
  if (isUtc.test(time)) return `${time.slice(0, 19)}Z`;
  return Number.isNaN(Date.parse(time))
    ? time
    : `${new Date(time).toISOString().slice(0, 19)}Z`;
}

const secondsText = (from: string, to: string) =>
  ((Date.parse(to) - Date.parse(from)) / 1000).toFixed(6);

function addCreation(scope: Scope, time: string | undefined): void {
  const key = 'workflow.creationTimestamp';
  scope[key] = time ? rfc3339(time) : '';
  if (!time) return;
  scope[`${key}.RFC3339`] = scope[key];
  for (const [letter, text] of Object.entries(strftime(new Date(time))))
    scope[`${key}.${letter}`] = text;
}

const weekdays =
  'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');
const months =
  'January February March April May June July August September October November December'.split(
    ' ',
  );

// The letters that Argo knows of strftime, in UTC.
function strftime(date: Date): Record<string, string> {
  const [year, month, day, hour, minute, second] = date
    .toISOString()
    .split(/[-T:.]/);
  const weekday = weekdays[date.getUTCDay()];
  const monthName = months[date.getUTCMonth()];
  const ofTwelve = Number(hour) % 12 || 12;
  return {
    ...{ Y: year, y: year.slice(2), m: month, d: day },
    ...{ H: hour, M: minute, S: second, L: '.000' },
    I: String(ofTwelve).padStart(2, '0'),
    p: Number(hour) < 12 ? 'AM' : 'PM',
    A: weekday,
    a: weekday.slice(0, 3),
    B: monthName,
    b: monthName.slice(0, 3),
    Z: 'UTC',
    z: '+0000',
    s: String(Math.floor(date.getTime() / 1000)),
  };
}

type Parameter = Record<string, any> & { name: string };

function addParameters(scope: Scope, parameters: Parameter[]): void {
  for (const { name, value } of parameters)
    if (value !== undefined && value !== null)
      scope[`workflow.parameters.${name}`] = toText(value);
  const listed =
    parameters.length > 0
      ? `[${parameters.map(parameterJson).join(',')}]`
      : 'null';
  scope['workflow.parameters'] = listed;
  scope['workflow.parameters.json'] = listed;
}

// Go writes the fields of a parameter in the order of its type, and none that is empty.
function parameterJson(parameter: Parameter): string {
  const { name, value, valueFrom, globalName, description } = parameter;
  const enumeration = parameter.enum as unknown[] | undefined;
  const fields: Record<string, unknown> = {
    name,
    default: textOf(parameter.default),
    value: textOf(value),
    valueFrom: valueFrom ?? undefined,
    globalName: globalName || undefined,
    enum: enumeration?.length ? enumeration.map(toText) : undefined,
    description: textOf(description) || undefined,
  };
  const written = Object.entries(fields)
    .filter(([, field]) => field !== undefined)
    .map(([key, field]) => `"${key}":${toGoJson(field)}`);
  return `{${written.join(',')}}`;
}

const textOf = (value: unknown) =>
  value === undefined || value === null ? undefined : toText(value);

type Notes = Record<string, string> | undefined;

// What the controller writes on a workflow when it has looked at it.
const notesOf = ({ phase }: WorkflowState): Record<string, Notes> | undefined =>
  phase === 'Pending'
    ? undefined
    : {
        labels: {
          'workflows.argoproj.io/completed': 'false',
          'workflows.argoproj.io/phase': phase,
        },
        annotations: { 'workflows.argoproj.io/pod-name-format': 'v2' },
      };

const isSeen = ({ phase, message }: WorkflowState) =>
  phase !== 'Pending' || Boolean(message);

function addNotes(
  scope: Scope,
  field: 'labels' | 'annotations',
  own: Notes,
  added: NonNullable<Notes>,
  isAdded: boolean,
): void {
  // What the first look adds is in the JSON of the next one.
  const listed = toGoJson(isAdded ? { ...own, ...added } : own ?? null);
  scope[`workflow.${field}`] = listed;
  scope[`workflow.${field}.json`] = listed;
  for (const [key, value] of Object.entries({ ...own, ...added }))
    scope[`workflow.${field}.${key}`] = String(value);
}
