/* What the real server asks of an object's outer fields. */
import { Fault } from './objects.ts';
import type { Target } from './targets.ts';

// Kinds that the server knows by itself may leave these out.
export function checkKind({ group }: Target, body: any): void {
  if (group === 'argoproj.io' && (!body?.kind || !body.apiVersion))
    throw new Fault(
      400,
      'BadRequest',
      `Object '${body?.kind ? 'apiVersion' : 'Kind'}' is missing`,
    );
}

export function checkVersion({ group, name }: Target, body: any): void {
  if (group === 'argoproj.io' && !body.metadata?.resourceVersion)
    throw new Fault(
      422,
      'Invalid',
      `"${name}" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update`,
    );
}
