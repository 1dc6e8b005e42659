import type { FieldPath } from '../fieldPath';

/** An edit that cannot be made: the field, the value, and why. The name is the one that a host answers with 400. @public */
export class YamlEditError extends Error {
  readonly name = 'InputError';
  constructor(
    message: string,
    /** The field that the edit names. */
    readonly at: FieldPath,
  ) {
    super(message);
  }
}
