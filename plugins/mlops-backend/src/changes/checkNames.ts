/* What names of files and branches may be: narrower than git's own rules, which let options and `.git` folders pass. */
import {
  checkChangePath,
  InputError,
  type FileContent,
} from '@backstage-mlops/mlops-core';

// What nobody sees is written as its number.
const show = (text: string) =>
  JSON.stringify(text.length > 100 ? `${text.slice(0, 97)}...` : text).replace(
    /\p{Cf}/gu,
    mark => `\\u{${mark.codePointAt(0)!.toString(16)}}`,
  );

// Marks that turn the direction of the text behind them: a line with one reads as another.
const turns = /[\u202a-\u202e\u2066-\u2069]/;
const nothingToSee = /^[\p{C}\p{Z}\p{M}]*$/u;

// What no UTF-8 can hold.
const loneSurrogate = /\p{Surrogate}/u;
const branchPattern =
  /^(?!.*(?:\.\.|\/\/|@\{|\.lock(?:\/|$)|\/\.|\.\/))[\p{L}\p{N}_][\p{L}\p{M}\p{N}._/+#@=,&%!()-]{0,199}$/u;

/** The name of a branch; InputError when it cannot be one. */
export function checkBranch(branch: unknown, field = 'branch'): string {
  if (
    typeof branch !== 'string' ||
    !branchPattern.test(branch) ||
    /[/.]$/.test(branch) ||
    branch.startsWith('refs/') ||
    branch === 'HEAD'
  )
    throw new InputError(
      `${field} must be the name of a branch, not ${show(String(branch))}.`,
      'invalid-field',
    );
  return branch;
}

/** The path of a file in the repository, by the rules of every change; InputError when it is none. */
export function checkPath(path: unknown, field = 'path'): string {
  const fault = checkChangePath(path);
  if (fault !== undefined)
    throw new InputError(
      `${field} ${fault}: ${show(String(path))}.`,
      'invalid-field',
    );
  return path as string;
}

/** One line of at most so many characters. */
export function checkLine(value: unknown, field: string, limit: number) {
  if (
    typeof value !== 'string' ||
    nothingToSee.test(value) ||
    turns.test(value) ||
    value.length > limit ||
    loneSurrogate.test(value) ||
    // eslint-disable-next-line no-control-regex
    /[\u0000-\u001f\u007f\u2028\u2029]/.test(value)
  )
    throw new InputError(
      `${field} must be one line of 1 to ${limit} characters that can be seen, not ${show(
        String(value),
      )}.`,
      'invalid-field',
    );
  return value;
}

/** A text of several lines; empty when it is not given. */
export function checkText(
  value: unknown,
  field: string,
  limit: number,
): string {
  if (value === undefined) return '';
  if (
    typeof value !== 'string' ||
    value.length > limit ||
    loneSurrogate.test(value) ||
    value.includes('\0')
  )
    throw new InputError(
      `${field} must be a text of at most ${limit} characters, not ${show(
        String(value),
      )}.`,
      'invalid-field',
    );
  return value;
}

/** Characters that a text of a person may have. */
export const textLimit = 65_536;

/** Files of a change: one at least, none twice, under names that a repository may have. */
export function checkFiles(files: FileContent[]): void {
  if (files.length === 0)
    throw new InputError('files must hold at least one file.', 'invalid-field');
  const seen = new Set<string>();
  for (const { path, content } of files) {
    // What was pushed under an odd name can still be taken away.
    if (content !== null) checkPath(path);
    if (seen.has(path))
      throw new InputError(`path '${path}' is named twice.`, 'invalid-field');
    seen.add(path);
  }
}
