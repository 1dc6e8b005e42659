/* An edit of several files on top of what somebody else made of them meanwhile. */
import { mergeTexts } from '../editor/mergeTexts';
import { withFile, type EditedFile, type FilesDraft } from './filesDraft';

type Files = FilesDraft['files'];

/** Texts of files at another commit; `null` is a file that it does not have. */
export type Texts = Record<string, string | null>;

/** The edit as it stands on the other commit. */
export interface RebasedFiles {
  files: Files;
  /** Places that both changed, between markers in the text of these files. */
  conflicts: number;
  conflictsIn: string[];
  /** Files that one side removed and the other changed; they stand as the person left them. */
  removedOrChanged: string[];
}

/** Whether a commit has other texts than the edit was made from. */
export const hasMoved = (files: Files, theirs: Texts): boolean =>
  Object.keys(files).some(path => files[path].original !== theirs[path]);

/** Puts an edit on the texts of another commit. */
export function rebaseFiles(files: Files, theirs: Texts): RebasedFiles {
  const out: RebasedFiles = {
    files: {},
    conflicts: 0,
    conflictsIn: [],
    removedOrChanged: [],
  };
  for (const path of Object.keys(files).sort()) {
    const { text, conflicts } = putOn(files[path], theirs[path]);
    if (conflicts === undefined) out.removedOrChanged.push(path);
    else if (conflicts > 0) {
      out.conflicts += conflicts;
      out.conflictsIn.push(path);
    }
    const original = theirs[path];
    out.files = withFile(out.files, path, { original, text });
  }
  return out;
}

// Undefined conflicts: one side has the file, the other has not.
function putOn(
  { original, text }: EditedFile,
  theirs: string | null,
): { text: string | null; conflicts?: number } {
  if (theirs === original || theirs === text) return { text, conflicts: 0 };
  if (text === null || theirs === null) return { text };
  return mergeTexts(original ?? '', text, theirs);
}
