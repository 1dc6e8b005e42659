/*
 * How one scalar is written on one line. The style of the place is kept while it can say the value; a text that any reader of YAML,
 * also one of version 1.1 such as Argo's, could take for something else is never left without quotes.
 */
export type ScalarStyle = 'plain' | 'single' | 'double';

// What YAML 1.1 or 1.2 reads as a boolean, null, number, time or merge key.
const readsAsOther = [
  /^(?:y|n|yes|no|on|off|true|false|null|~|=|<<)$/i,
  /^[-+.]?[0-9][0-9_,.:]*(?:e[-+]?[0-9]+)?$/i,
  /^[-+]?\.?[0-9][0-9_.]*(?:e[-+]?[0-9]*)?$/i,
  /^[-+]?0(?:x[0-9a-f_]+|o[0-7_]+|b[01_]+)$/i,
  /^[-+]?\.(?:inf|nan)$/i,
  /^\d{4}-\d{1,2}-\d{1,2}(?:$|[Tt ].*$)/,
  /^[-+]?\d+(?::\d+)+(?:\.\d*)?$/,
];

// Printable in YAML, and seen by a person: no controls, no line separators, no marks of byte order, no halves of a pair.
export const unprintable =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** Texts that say the value, the one nearest to the style first; the last always can. */
export function scalarTexts(
  value: string | number | boolean | null,
  options: { style: ScalarStyle; quote: 'single' | 'double'; flow: boolean },
): string[] {
  if (typeof value !== 'string') return [numberText(value)];
  const double = doubleQuoted(value);
  if (unprintable.test(value)) return [double];
  const single = `'${value.replaceAll("'", "''")}'`;
  if (options.style === 'double') return [double];
  if (options.style === 'single') return [single, double];
  const quoted = options.quote === 'double' ? [double] : [single, double];
  return plainSafe(value, options.flow) ? [value, ...quoted] : quoted;
}

function numberText(value: number | boolean | null): string {
  if (typeof value !== 'number' || Number.isFinite(value)) return String(value);
  if (Number.isNaN(value)) return '.nan';
  return value > 0 ? '.inf' : '-.inf';
}

/** Whether a text needs no quotes, for every reader. */
export function plainSafe(text: string, flow: boolean): boolean {
  if (text === '' || text !== text.trim() || unprintable.test(text))
    return false;
  if (readsAsOther.some(pattern => pattern.test(text))) return false;
  if (/^[,[\]{}#&*!|>'"%@`]/.test(text) || /^[-?:](?:\s|$)/.test(text))
    return false;
  if (/^(?:---|\.\.\.)/.test(text)) return false;
  if (/:(?:\s|$)|\s#/.test(text)) return false;
  return !(flow && /[,[\]{}]|^[-?:]/.test(text));
}

const escapes: Record<string, string> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/** In double quotes, on one line. */
export function doubleQuoted(text: string): string {
  const inner = text.replace(
    // eslint-disable-next-line no-control-regex
    /["\\\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
    char =>
      escapes[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `"${inner}"`;
}
