/* References of templates to other files: on a cluster these have longer names than in git, and all lie in the namespace. */

/** A file as git names it. */
export interface FileRef {
  name: string;
  clusterScope?: boolean;
}

/** A copy of a spec whose references are called as `rename` says; what it does not know stays. */
export function renameRefs<T>(
  value: T,
  rename: (ref: FileRef) => string | undefined,
): T {
  if (Array.isArray(value))
    return value.map(item => renameRefs(item, rename)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      isRef(key, item) ? renamed(item, rename) : renameRefs(item, rename),
    ]),
  ) as T;
}

const isRef = (key: string, value: any): value is FileRef =>
  (key === 'templateRef' || key === 'workflowTemplateRef') &&
  typeof value?.name === 'string';

function renamed(ref: FileRef, rename: (ref: FileRef) => string | undefined) {
  const name = rename(ref);
  if (name === undefined) return ref;
  const { clusterScope: _scope, ...rest } = ref;
  return { ...rest, name };
}

/** Files by the names that they have on the cluster, as an annotation keeps them. */
export function toNamesText(names: Map<string, FileRef>): string {
  return JSON.stringify(
    Object.fromEntries(
      [...names].map(([name, ref]) => [
        name,
        ref.clusterScope ? `cluster/${ref.name}` : ref.name,
      ]),
    ),
  );
}

/** The opposite of `toNamesText`. What is no such text names nothing. */
export function parseNamesText(text: string | undefined): Map<string, FileRef> {
  try {
    const entries = Object.entries(JSON.parse(text ?? '{}') ?? {});
    return new Map(
      entries.map(([name, file]) => {
        const [, scope, own] = /^(cluster\/)?(.*)$/s.exec(String(file))!;
        return [name, { name: own, ...(scope ? { clusterScope: true } : {}) }];
      }),
    );
  } catch {
    return new Map();
  }
}
