/** Keys and indexes from the top of a document to a field. @public */
export type FieldPath = (string | number)[];

/** Writes a path as Argo's messages do: `spec.templates[2].daemon`. @public */
export function formatFieldPath(path: FieldPath): string {
  return path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`;
      return index === 0 ? part : `.${part}`;
    })
    .join('');
}
