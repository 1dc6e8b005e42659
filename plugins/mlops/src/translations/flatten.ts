/** Texts within texts. */
export interface Texts {
  [key: string]: string | Texts;
}

/** Texts by their whole key, as `run.title`. */
export function flatten(texts: Texts, above = ''): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).flatMap(([key, value]) =>
      typeof value === 'string'
        ? [[`${above}${key}`, value]]
        : Object.entries(flatten(value, `${above}${key}.`)),
    ),
  );
}
