/*
 * What the portal's people say, in texts that one user of GitHub writes for all of them: the text, a line that names the person, and a
 * comment that only programs read. It is believed only where the portal's own user wrote it, and a person's text cannot forge it.
 */

/** Facts that travel with a text. */
export interface Marker {
  /** Entity reference of the person. */
  by: string;
  /** Told apart by this when a call is repeated. */
  id?: string;
  /** Of a request: the key that it was opened with. */
  key?: string;
  reviewers?: string[];
  /** Of a review that GitHub keeps as a comment. */
  verdict?: string;
}

const pattern =
  /(?:^|\r?\n\r?\n)---\r?\n[^\n]*\r?\n<!-- mlops (\{[^\n]*\}) -->\s*$/;

// Inside a comment of HTML neither of these may stand.
const quoted = (marker: Marker) =>
  JSON.stringify(marker).replace(
    /[-<>]/g,
    sign => `\\u00${sign.charCodeAt(0).toString(16)}`,
  );

/** A text as it goes to GitHub; `says` is what the person did, as "Proposed by". */
export function toBody(
  text: string,
  says: string,
  person: { name: string; ref: string },
  marker: Marker,
): string {
  const own = text.replace(/<!--(\s*mlops)/gi, '&lt;!--$1').trimEnd();
  const name = plain(person.name);
  return `${own}${own ? '\n\n' : ''}---\n*${says} ${name} (\`${plain(
    person.ref,
  )}\`) in the portal*\n<!-- mlops ${quoted(marker)} -->`;
}

/** The text of a person and what travelled with it; no marker where `isOwn` is false or there is none. */
export function readBody(
  body: string | null | undefined,
  isOwn: boolean,
): { text: string; marker?: Marker } {
  const found = isOwn ? pattern.exec(body ?? '') : null;
  if (!found) return { text: body ?? '' };
  try {
    return {
      text: body!.slice(0, found.index),
      marker: JSON.parse(found[1]) as Marker,
    };
  } catch {
    return { text: body ?? '' };
  }
}

/** Without what Markdown, a commit or an author line reads as more than letters. */
export const plain = (text: string) =>
  text.replace(/[\r\n<>`*_[\]\\|@#]+/g, ' ').trim() || 'somebody';

const trailer = /^Merged-by: [^<\n]* <([^>\n]+)>$/m;

/** Who merged, in the message of the commit. */
export const mergedByOf = (message: string): string | undefined =>
  trailer.exec(message)?.[1];

/** Lines that say where a commit on the main branch comes from. */
export function mergeTrailers(
  number: number,
  by: { name: string; ref: string },
): string {
  return `Change: ${number}\nMerged-by: ${plain(by.name)} <${plain(by.ref)}>`;
}
