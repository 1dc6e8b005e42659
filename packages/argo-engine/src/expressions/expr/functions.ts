/** Functions by name. */
export type Functions = Record<string, (...given: any[]) => unknown>;

/** A table that has its own names only, so that `constructor` is no function of it. */
export function createFunctions(functions: Functions): Functions {
  return Object.assign(Object.create(null), functions);
}
