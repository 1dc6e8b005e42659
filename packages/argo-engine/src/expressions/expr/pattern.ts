const classes: Record<string, string> = {
  alpha: 'A-Za-z',
  digit: '0-9',
  alnum: '0-9A-Za-z',
  upper: 'A-Z',
  lower: 'a-z',
  space: '\\t\\n\\v\\f\\r ',
  punct: '!-\\/:-@\\[-`{-~',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};

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
    .replace(/\\Q(.*?)(\\E|$)/gs, (_, text) => quotePattern(text))
    .replace(/\[:(\w+):\]/g, (whole, name) => classes[name] ?? whole)
    .replace(/\\x\{([0-9a-fA-F]+)\}/g, '\\u{$1}')
    .replace(/\\(p|P)([A-Z])/g, '\\$1{$2}')
    .replace(/\\A/g, '^')
    .replace(/\\z/g, '$')
    .replace(/\(\?P</g, '(?<');
  try {
    return new RegExp(body, `${flags}u${inline?.[1] ?? ''}`);
  } catch (error) {
    throw new Error(`error parsing regexp: ${faultOf(error as Error, source)}`);
  }
}

/** A text as a pattern that finds just it. */
export const quotePattern = (text: string) =>
  text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&');

// Go's words for the faults that people make.
function faultOf({ message }: Error, source: string): string {
  if (/Unterminated character class/.test(message))
    return `missing closing ]: \`${source.slice(source.lastIndexOf('['))}\``;
  if (/Unterminated group/.test(message))
    return `missing closing ): \`${source}\``;
  if (/Unmatched '\)'/.test(message)) return `unexpected ): \`${source}\``;
  if (/Nothing to repeat/.test(message))
    return `missing argument to repetition operator: \`${
      /[*+?]/.exec(source)?.[0] ?? ''
    }\``;
  return message.replace(/^.*: /, '');
}
