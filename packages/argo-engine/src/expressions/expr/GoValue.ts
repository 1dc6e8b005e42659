import type { Functions } from './functions';

/** A value that has methods and is no map, as Go's `time.Time` is one. */
export abstract class GoValue {
  /** Name of its type, in Go's words. */
  abstract readonly type: string;
  /** What can be called on it. */
  abstract readonly methods: Functions;
  /** As `json.Marshal` writes it. */
  abstract toJSON(): unknown;
  /** As `%v` prints it. */
  abstract toString(): string;
}

/** An argument of a method that must be of a class. */
export function argument<T extends GoValue>(
  kind: abstract new (...given: never[]) => T,
  value: unknown,
): T {
  if (value instanceof kind) return value;
  throw new Error('cannot use the argument: it is of another type');
}
