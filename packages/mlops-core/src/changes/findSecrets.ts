/*
 * What a changed text should not hold: secrets in plain text, and the marks that a merge left. The patterns are those of well-known
 * tokens, which nothing else looks like, and values behind names of secrets. Digests, tags `{{...}}` and references to a place where the
 * secret is kept are none. Each pattern looks at a text once: none begins anew within what it has just read, so that a text made to hurt
 * takes no longer than another.
 */
import type { Problem } from '@backstage-mlops/argo-engine';

const tokens: [string, RegExp][] = [
  ['an AWS access key', /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g],
  [
    'a GitHub token',
    /\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255})\b/g,
  ],
  ['a GitLab token', /\bglpat-[\w-]{20,}/g],
  ['a Slack token', /\bxox[abeoprs]-[\w-]{10,}/g],
  ['a Google API key', /\bAIza[\w-]{35}\b/g],
  ['an npm token', /\bnpm_[A-Za-z0-9]{36}\b/g],
  ['a Stripe key', /\b[rs]k_live_[0-9A-Za-z]{20,}/g],
  ['a Hugging Face token', /\bhf_[A-Za-z]{34,}\b/g],
  ['a JSON Web Token', /(?<![\w-])eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/g],
  ['a private key', /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----/g],
  [
    'a password in an address',
    /\b[a-z][a-z0-9+.-]{0,30}:\/\/[^\s:@/'"{}$<>]+:(?=[^\s@/'"]{3,}@)[^\s@/'"{}$<>]+@/gi,
  ],
];

const secretName = String.raw`(?:[\w.-]*[_.-])?(?:password|passwd|passphrase|pwd|secret|api[_-]?key|apikey|access[_-]?key|secret[_-]?key|private[_-]?key|auth[_-]?token|token|credentials?)`;
const assigned = new RegExp(
  String.raw`(?<![\w$.{-])(["']?)(${secretName})\1[ \t]*[:=][ \t]*(?:"([^"\n]{4,})"|'([^'\n]{4,})'|([^\s"',;{}[\]#]{4,}))`,
  'gi',
);
const named = new RegExp(
  String.raw`\bname:\s*["']?(${secretName})["']?[ \t]*(?:,|\r?\n)\s*value:\s*(?:"([^"\n]{4,})"|'([^'\n]{4,})'|([^\s"',{}[\]#]{4,}))`,
  'gi',
);
const noSecret =
  /^(?:\{\{|\$|<|%|\*+$|x{3,}$|\.{3}|!|&|true$|false$|null$|none$|undefined$|string$|text$|changeme$|change-me$|example|your[-_ ]|placeholder|redacted|required$|optional$|process\.env|os\.environ|sha(?:1|256|512)[:-]|[-+]?\d+(?:\.\d+)?$)/i;

/** Secrets and merge marks of a text. `codes` are `secret` and `merge-marker`. @public */
export function findSecrets(text: string, file: string): Problem[] {
  if (text.includes('\0')) return [];
  const found = new Map<number, Problem>();
  const at = placesIn(text);
  const add = (
    offset: number,
    code: string,
    message: string,
    severity: Problem['severity'],
  ) => {
    const place = at(offset);
    if (!found.has(place.line))
      found.set(place.line, { file, ...place, code, message, severity });
  };
  const secret = (offset: number, what: string) =>
    add(
      offset,
      'secret',
      `This looks like ${what} in plain text. Whoever reads the repository can read it; keep it where secrets are kept, and make a new one if it was pushed.`,
      'error',
    );
  for (const [what, pattern] of tokens)
    for (const match of text.matchAll(pattern))
      if (!match[0].includes('EXAMPLE')) secret(match.index, what);
  for (const match of text.matchAll(assigned)) {
    const bare = match[5] !== undefined;
    if (bare && !isKey(text, match)) continue;
    if (isSecret(match[3] ?? match[4] ?? match[5], file, bare))
      secret(match.index, `the value of '${match[2].slice(0, 60)}'`);
  }
  for (const match of text.matchAll(named))
    if (isSecret(match[2] ?? match[3] ?? match[4], file, false))
      secret(match.index, `the value of '${match[1].slice(0, 60)}'`);
  for (const match of text.matchAll(
    /(?<![\w+/=.-])[\w+/=-]{32,200}(?![\w+/=-])/g,
  ))
    if (isRandom(match[0], text, match.index))
      add(
        match.index,
        'secret',
        'This looks like a random key in plain text. If it is a secret, keep it where secrets are kept.',
        'warning',
      );
  for (const match of text.matchAll(/^(?:<{7}|>{7})(?: .*)?$/gm))
    add(
      match.index,
      'merge-marker',
      'A merge left this mark; decide which of the two sides stays.',
      'error',
    );
  return [...found.values()].sort((a, b) => a.line - b.line).slice(0, 100);
}

// A word of a sentence may have a colon behind it; a key stands where a line or an item begins.
function isKey(text: string, match: RegExpExecArray): boolean {
  if (match[0].includes('=')) return true;
  const line = text.slice(text.lastIndexOf('\n', match.index) + 1, match.index);
  return /(?:^|[{,[]|-)\s*$/.test(line.slice(-200));
}

// In program text a value without quotes is a name; only files of settings hold secrets that way.
function isSecret(value: string, file: string, bare: boolean): boolean {
  if (noSecret.test(value.trim()) || value.includes('{{')) return false;
  const isCode = /\.(?:[cm]?[jt]sx?|py|rb|go|java|rs|md|sql)$/i.test(file);
  if (bare && (isCode || /[()]/.test(value))) return false;
  // Words of a sentence are none.
  return !/^[A-Za-z]+(?: [A-Za-z]+){2,}/.test(value);
}

function isRandom(word: string, text: string, index: number): boolean {
  if (/^(?:[0-9a-f]+|[0-9A-F]+|[0-9-]+)$/.test(word)) return false;
  const before = text.slice(Math.max(0, index - 16), index);
  if (
    /(?:sha(?:1|256|384|512)[-:=]|base64,|integrity:?\s*["']?)$/i.test(
      before,
    ) ||
    /^sha\d+-/.test(word)
  )
    return false;
  const count = (pattern: RegExp) => word.match(pattern)?.length ?? 0;
  if (count(/[0-9]/g) < 4 || count(/[A-Z]/g) < 4 || count(/[a-z]/g) < 4)
    return false;
  if ((word.match(/\//g)?.length ?? 0) > 3) return false;
  return entropy(word) > 4.4;
}

/** Bits a character. */
function entropy(word: string): number {
  const counts = new Map<string, number>();
  for (const char of word) counts.set(char, (counts.get(char) ?? 0) + 1);
  return -[...counts.values()].reduce(
    (sum, count) =>
      sum + (count / word.length) * Math.log2(count / word.length),
    0,
  );
}

function placesIn(
  text: string,
): (offset: number) => { line: number; column: number } {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1))
    starts.push(at + 1);
  return offset => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (starts[middle] <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - starts[low] + 1 };
  };
}
