/* Which pages there are and in which order: as `nav` of mkdocs.yml says, else by their names. */
import { posix } from 'node:path';
import { parse } from 'yaml';
import type { SourceFile } from './renderSite';

/** A page of the site. */
export interface Page {
  /** Path below `docs`. */
  source: string;
  /** Folder of the page below the top of the site: empty, or ending with a slash. */
  url: string;
  title: string;
  /** Heading above it in the list of pages. */
  section?: string;
  text: string;
}

type Place = { source: string; title?: string; section?: string };

/** Pages in their order, the start page first, and what is wrong with the settings. */
export function planPages(
  files: SourceFile[],
  title: string,
): { pages: Page[]; notes: string[] } {
  const textOf = new Map(
    files
      .filter(({ path }) => path.startsWith('docs/') && path.endsWith('.md'))
      .map(({ path, bytes }) => [path.slice('docs/'.length), bytes.toString()]),
  );
  if (!textOf.has('index.md')) {
    const readme = files.find(({ path }) => path === 'README.md');
    textOf.set(
      'index.md',
      textOf.get('README.md') ??
        readme?.bytes.toString() ??
        `# ${title}\n\nThis project has no pages yet. Add \`docs/index.md\`.`,
    );
    textOf.delete('README.md');
  }
  const settings = files.find(({ path }) => path === 'mkdocs.yml');
  const { places, notes } = readNav(settings?.bytes.toString());
  const named = places.filter(({ source }) => {
    if (!textOf.has(source))
      notes.push(`mkdocs.yml names ${source}, which is not in docs/`);
    return textOf.has(source);
  });
  const known = new Set(named.map(({ source }) => source));
  const rest = [...textOf.keys()]
    .filter(source => !known.has(source))
    .sort((a, b) => (a < b ? -1 : 1))
    .map(source => ({ source }));
  const all: Place[] = [...named, ...rest];
  const start = all.findIndex(({ source }) => source === 'index.md');
  const ordered = [all[start], ...all.filter((_, index) => index !== start)];
  return {
    notes,
    pages: ordered.map(place => {
      const text = textOf.get(place.source)!;
      return {
        source: place.source,
        url: urlOf(place.source),
        title: place.title ?? titleOf(text) ?? nameOf(place.source),
        section: place.section ?? sectionOf(place.source),
        text,
      };
    }),
  };
}

const urlOf = (source: string) => {
  const { dir, name } = posix.parse(source);
  const folder = name === 'index' ? dir : posix.join(dir, name);
  return folder === '' ? '' : `${folder}/`;
};

const titleOf = (text: string) =>
  /^#[ \t]+(.+?)[ \t]*#*[ \t]*$/m.exec(text)?.[1].replace(/[`*_]/g, '');

const nameOf = (source: string) => {
  const { dir, name } = posix.parse(source);
  const words = (name === 'index' ? posix.basename(dir) : name).replace(
    /[-_]+/g,
    ' ',
  );
  return words.charAt(0).toUpperCase() + words.slice(1);
};

const sectionOf = (source: string) => {
  const { dir } = posix.parse(source);
  return dir === '' ? undefined : nameOf(`${dir}.md`);
};

function readNav(text: string | undefined): {
  places: Place[];
  notes: string[];
} {
  if (text === undefined) return { places: [], notes: [] };
  let settings: unknown;
  try {
    settings = parse(text);
  } catch (error) {
    const [reason] = (error as Error).message.split('\n');
    return { places: [], notes: [`mkdocs.yml cannot be read: ${reason}`] };
  }
  const { nav } = (settings ?? {}) as { nav?: unknown };
  return { places: placesOf(nav), notes: [] };
}

function placesOf(nav: unknown, section?: string): Place[] {
  if (!Array.isArray(nav)) return [];
  return nav.flatMap(item => {
    if (typeof item === 'string')
      return [{ source: posix.normalize(item), section }];
    if (typeof item !== 'object' || item === null) return [];
    return Object.entries(item).flatMap(([title, value]) =>
      typeof value === 'string'
        ? [{ source: posix.normalize(value), title, section }]
        : placesOf(value, title),
    );
  });
}
