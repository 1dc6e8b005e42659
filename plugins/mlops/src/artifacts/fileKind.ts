/** How a file is shown. */
export type FileKind = 'picture' | 'table' | 'json' | 'text' | 'unknown';

const kinds: [RegExp, FileKind][] = [
  [/\.(png|jpe?g|gif|webp|bmp|avif)$/i, 'picture'],
  [/\.csv$/i, 'table'],
  [/\.(json|ipynb)$/i, 'json'],
  [/\.(txt|log|md|ya?ml|tsv|jsonl|ndjson|toml|ini|py|ts|js|sh)$/i, 'text'],
];

/** The kind that a file's name promises. */
export function fileKind(name: string): FileKind {
  return kinds.find(([pattern]) => pattern.test(name))?.[1] ?? 'unknown';
}

/** True for content that is no text: it has a zero among its first characters. */
export function isBinary(text: string): boolean {
  return text.slice(0, 2_000).includes('\u0000');
}

/** An entry of a folder. */
export interface FolderEntry {
  path: string;
  sizeBytes: number;
}

/** The listing that the server sends for a folder; undefined for any other text. */
export function toFolder(text: string): FolderEntry[] | undefined {
  try {
    const { entries } = JSON.parse(text) as { entries?: unknown };
    const listed = Array.isArray(entries) && entries.every(isEntry);
    return listed ? (entries as FolderEntry[]) : undefined;
  } catch {
    return undefined;
  }
}

function isEntry(value: unknown): boolean {
  const entry = value as Partial<FolderEntry> | null;
  return typeof entry?.path === 'string' && typeof entry.sizeBytes === 'number';
}

/** JSON with line breaks, where it is JSON. */
export function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
