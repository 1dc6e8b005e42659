/** A pattern of Go's RE2 as a JavaScript one. Patterns that could run for ever are refused. */
export function patternOf(source: string, flags = ''): RegExp {
  if (source.length > 1000) throw new Error('the pattern is too long');
  if (/\([^)]*[+*}][^)]*\)\s*[+*{]/.test(source))
    throw new Error(
      'a repeated group with a repetition in it is not supported in a pattern',
    );
  const inline = /^\(\?([ims]+)\)/.exec(source);
  const body = source
    .slice(inline?.[0].length ?? 0)
    .replace(/\\A/g, '^')
    .replace(/\\z/g, '$')
    .replace(/\(\?P</g, '(?<');
  return new RegExp(body, `${flags}u${inline?.[1] ?? ''}`);
}
