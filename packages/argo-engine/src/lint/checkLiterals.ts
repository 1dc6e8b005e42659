/*
 * Values that are written out and that no run can read: a duration that is none, a number that is none. Argo's own validation lets
 * them pass and the node then ends with an error, so each is a warning; a value with a tag in it is known when the run gets there.
 */
import { goDuration } from '../operate/duration';
import type { FieldPath } from '../yaml/fieldPath';
import type { Findings } from './checkShape';
import { membersOf, templatesOf } from './kinds';

type Data = Record<string, any>;
type Fault = (value: unknown) => string | undefined;

/** Checks the spec's own values, its templates and all that stands inside of them. */
export function checkLiterals(spec: Data, findings: Findings): void {
  checkFields(spec, ['spec'], retryFields, findings);
  for (const { template, path } of templatesOf(spec)) {
    checkFields(template, path, templateFields, findings);
    for (const { member, path: place } of membersOf(template, path))
      checkFields(member, place, memberFields, findings);
  }
}

const duration: Fault = value =>
  goDuration(value) === undefined
    ? `is no duration: give seconds, as '30', or units, as '1m30s'`
    : undefined;

// Source: ParseDuration of Go, which asks for a unit.
const unitDuration: Fault = value =>
  /^\d+$/.test(String(value).trim())
    ? `is no duration: give a unit, as '${String(value).trim()}s'`
    : duration(value);

const wholeNumber: Fault = value =>
  /^[+-]?\d+$/.test(String(value)) ? undefined : 'is no whole number';

const retryFields: [string, Fault][] = [
  ['retryStrategy.limit', wholeNumber],
  ['retryStrategy.backoff.duration', duration],
  ['retryStrategy.backoff.factor', wholeNumber],
  ['retryStrategy.backoff.maxDuration', duration],
  ['retryStrategy.backoff.cap', duration],
];

const templateFields: [string, Fault][] = [
  ...retryFields,
  ['suspend.duration', duration],
  ['memoize.maxAge', unitDuration],
  // A whole number there is an error of its own.
  [
    'timeout',
    value => (/^\d+$/.test(String(value)) ? undefined : duration(value)),
  ],
];

const memberFields: [string, Fault][] = [
  ['withSequence.count', wholeNumber],
  ['withSequence.start', wholeNumber],
  ['withSequence.end', wholeNumber],
];

function checkFields(
  holder: Data,
  path: FieldPath,
  fields: [string, Fault][],
  findings: Findings,
): void {
  for (const [field, fault] of fields) {
    const parts = field.split('.');
    const value = parts.reduce<any>((inner, part) => inner?.[part], holder);
    if (value === undefined || value === null || value === '') continue;
    if (String(value).includes('{{')) continue;
    const wrong = fault(value);
    if (wrong)
      findings.add(
        [...path, ...parts],
        'unreadable-value',
        `${field} '${value}' ${wrong}`,
        'warning',
      );
  }
}
