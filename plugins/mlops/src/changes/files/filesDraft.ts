/*
 * An edit of several files. Each stands in it with its text in git and its text now; `null` is a file that is not there, so that
 * adding, removing and renaming are edits like any other. What is again as in git leaves the edit.
 */
import type { FileEdit } from '@backstage-mlops/mlops-core';
import type { DraftWords } from '../editor/useDraft';

/** One edited file. */
export interface EditedFile {
  original: string | null;
  text: string | null;
}

/** Edited files by their path, and the words about them. */
export interface FilesDraft extends DraftWords {
  files: Record<string, EditedFile>;
}

type Files = FilesDraft['files'];

/** How a file differs from git. */
export type FileState = 'added' | 'deleted' | 'modified';

/** The same edit with another text of a file. */
export function withFile(files: Files, path: string, to: EditedFile): Files {
  const original = files[path] ? files[path].original : to.original;
  const { [path]: _, ...rest } = files;
  return original === to.text
    ? rest
    : { ...rest, [path]: { original, text: to.text } };
}

/** The same edit with a file under another path. */
export function renamed(
  files: Files,
  move: { from: string; to: string; text: string },
): Files {
  const { from, to, text } = move;
  const original = files[from] ? files[from].original : text;
  const gone = withFile(files, from, { original, text: null });
  return withFile(gone, to, { original: files[to]?.original ?? null, text });
}

/** How a file differs; undefined when it does not. */
export function stateOf(file: EditedFile | undefined): FileState | undefined {
  if (!file) return undefined;
  if (file.original === null) return 'added';
  return file.text === null ? 'deleted' : 'modified';
}

/** What is sent to the portal, by path. */
export function editsOf(files: Files): FileEdit[] {
  return Object.keys(files)
    .sort()
    .map(path => {
      const { text } = files[path];
      return text === null ? { path, delete: true } : { path, content: text };
    });
}

/** Paths that the project has with the edit, as a person sees them: what is removed stays in view until it is proposed. */
export function pathsWith(known: string[], files: Files): string[] {
  return [...new Set([...known, ...Object.keys(files)])].sort();
}
