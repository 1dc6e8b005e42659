const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A value over its defaults: fields of maps are merged, named entries of lists too, everything else is the value's own. */
export function mergeDefaults(defaults: unknown, own: unknown): unknown {
  if (own === undefined) return structuredClone(defaults);
  if (isPlain(defaults) && isPlain(own)) {
    const merged: Record<string, unknown> = { ...own };
    for (const [key, value] of Object.entries(defaults))
      merged[key] = mergeDefaults(value, own[key]);
    return merged;
  }
  if (isNamed(defaults) && isNamed(own))
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
