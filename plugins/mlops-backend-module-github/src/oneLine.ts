import { InputError } from '@backstage-mlops/mlops-core';

const titleLimit = 250;

// eslint-disable-next-line no-control-regex
const lineBreaks = /[\u0000-\u001f\u007f\u2028\u2029]/;

/** A title; InputError when it is no line that can be seen. */
export function oneLine(text: string, field: string): string {
  if (lineBreaks.test(text) || text.trim() === '' || text.length > titleLimit)
    throw new InputError(
      `${field} must be one line of 1 to ${titleLimit} characters.`,
      'invalid-field',
    );
  return text;
}
