/** A folder as a tree shows it. */
export interface Folder {
  folders: ({ name: string } & Folder)[];
  files: string[];
  /** Files in it and below it. */
  count: number;
}

/** Paths as a tree, in their order. */
export function foldersOf(paths: string[]): Folder {
  const files = paths.filter(path => !path.includes('/'));
  const names = new Map<string, string[]>();
  for (const path of paths) {
    const end = path.indexOf('/');
    if (end < 0) continue;
    const name = path.slice(0, end);
    names.set(name, [...(names.get(name) ?? []), path.slice(end + 1)]);
  }
  return {
    files,
    count: paths.length,
    folders: [...names].map(([name, below]) => ({ name, ...foldersOf(below) })),
  };
}
