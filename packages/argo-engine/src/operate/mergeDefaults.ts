const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

// Lists whose entries have names that count. All others are taken or left as a whole, those of locks too.
const listsOfNamed = new Set([
  'parameters',
  'artifacts',
  'tasks',
  'volumes',
  'initContainers',
  'sidecars',
  'env',
]);

const kinds = ['container', 'script', 'dag', 'suspend'];

/** A template over the defaults of its run; of what a template does only the defaults of its own kind count. */
export function withTemplateDefaults(
  defaults: Record<string, unknown>,
  template: Record<string, unknown>,
): Record<string, unknown> {
  const applicable = Object.fromEntries(
    Object.entries(defaults).filter(
      ([field]) => !kinds.includes(field) || template[field] !== undefined,
    ),
  );
  return mergeDefaults(applicable, template) as Record<string, unknown>;
}

/** A value over its defaults: fields of maps are merged, named entries of lists too, everything else is the value's own. */
export function mergeDefaults(
  defaults: unknown,
  own: unknown,
  field = '',
): unknown {
  if (own === undefined) return structuredClone(defaults);
  if (isPlain(defaults) && isPlain(own)) {
    const merged: Record<string, unknown> = { ...own };
    for (const [key, value] of Object.entries(defaults))
      merged[key] = mergeDefaults(value, own[key], key);
    return merged;
  }
  if (listsOfNamed.has(field) && isNamed(defaults) && isNamed(own))
    return [
      ...own.map(item =>
        mergeDefaults(
          defaults.find(other => other.name === item.name),
          item,
        ),
      ),
      ...defaults.filter(item => !own.some(other => other.name === item.name)),
    ];
  return own;
}

const isNamed = (value: unknown): value is { name: string }[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every(item => isPlain(item) && typeof item.name === 'string');
