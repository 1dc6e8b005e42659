import { formatFieldPath, type FieldPath } from '@backstage-mlops/argo-engine';

const maxFields = 50;

/** Paths at which two values differ, as `container.args[2]`; of lists that are longer or shorter, the items. */
export function differingFields(before: unknown, after: unknown): string[] {
  const found: string[] = [];
  const walk = (a: unknown, b: unknown, at: FieldPath) => {
    if (a === b || found.length >= maxFields) return;
    const both =
      typeof a === 'object' &&
      typeof b === 'object' &&
      a !== null &&
      b !== null;
    if (!both || Array.isArray(a) !== Array.isArray(b)) {
      found.push(formatFieldPath(at));
      return;
    }
    const isList = Array.isArray(a);
    const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
    for (const key of keys)
      walk((a as any)[key], (b as any)[key], [
        ...at,
        isList ? Number(key) : key,
      ]);
  };
  walk(before, after, []);
  return found;
}
