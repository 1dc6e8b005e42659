/** A commit as its object has it. */
export interface CommitObject {
  commit: string;
  tree: string;
  parents: string[];
  author: Signature;
  committer: Signature;
  message: string;
}

/** Who, and when. */
export interface Signature {
  name: string;
  email: string;
  /** ISO 8601. */
  at: string;
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/** Reads the bytes of a commit; undefined for one that is not in UTF-8 or that git itself would have to make sense of. */
export function parseCommit(
  commit: string,
  bytes: Uint8Array,
): CommitObject | undefined {
  const text = decode(bytes);
  if (text === undefined) return undefined;
  const end = text.indexOf('\n\n');
  const head = (end < 0 ? text : text.slice(0, end)).split('\n');
  const all = (name: string) =>
    head
      .filter(line => line.startsWith(`${name} `))
      .map(line => line.slice(name.length + 1));
  const [tree] = all('tree');
  const author = signatureOf(all('author')[0]);
  const committer = signatureOf(all('committer')[0]);
  if (!tree || !author || !committer || all('encoding').length > 0)
    return undefined;
  return {
    commit,
    tree,
    parents: all('parent'),
    author,
    committer,
    message: end < 0 ? '' : text.slice(end + 2),
  };
}

/** The first paragraph of a message as one line. */
export function titleOf(message: string): string {
  const lines = message.split('\n').map(line => line.trimEnd());
  const begin = lines.findIndex(line => line !== '');
  if (begin < 0) return '';
  const end = lines.indexOf('', begin);
  return lines.slice(begin, end < 0 ? undefined : end).join(' ');
}

function signatureOf(line: string | undefined): Signature | undefined {
  const [, name, email, seconds] =
    /^(.*?) ?<([^<>]*)> (\d{1,11}) [+-]\d{4}$/.exec(line ?? '') ?? [];
  if (seconds === undefined) return undefined;
  const at = new Date(Number(seconds) * 1000).toISOString();
  return { name, email, at };
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}
