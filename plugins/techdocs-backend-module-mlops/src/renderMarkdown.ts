/* One page of Markdown as HTML, its links led to where the pages are. */
import MarkdownIt from 'markdown-it';
import { posix } from 'node:path';
import type { Page } from './planPages';
import { relativeTo } from './renderSite';

/** What links may lead to. */
export interface KnownTargets {
  /** Paths of pages below `docs`, and where they are on the site. */
  pages: Map<string, string>;
  /** Paths of other files below `docs`. */
  files: Set<string>;
}

/** A page, rendered. */
export interface Rendered {
  html: string;
  /** Its headings of the second level. */
  headings: { id: string; title: string }[];
  /** Its words, for the search. */
  text: string;
}

const markdown = new MarkdownIt({ html: false, linkify: true });
const isAbsolute = /^([a-z][a-z0-9+.-]*:|\/\/|#)/i;

export function renderMarkdown(
  source: string,
  page: Page,
  known: KnownTargets,
): Rendered {
  const tokens = markdown.parse(source, {});
  const headings: Rendered['headings'] = [];
  const words: string[] = [];
  const used = new Map<string, number>();
  tokens.forEach((token, index) => {
    for (const child of token.children ?? []) {
      if (child.type === 'link_open') lead(child, 'href', page, known);
      if (child.type === 'image') lead(child, 'src', page, known);
    }
    if (token.type === 'inline' || token.type === 'fence')
      words.push(textOf(token));
    if (token.type !== 'heading_open') return;
    const title = textOf(tokens[index + 1]);
    const id = slugOf(title, used);
    token.attrSet('id', id);
    if (token.tag === 'h2') headings.push({ id, title });
  });
  return {
    html: markdown.renderer.render(tokens, markdown.options, {}),
    headings,
    text: words.join('\n'),
  };
}

interface Token {
  content: string;
  children: { content: string; type: string }[] | null;
}

const textOf = ({ content, children }: Token): string =>
  children
    ? children
        .map(child => (/break$/.test(child.type) ? ' ' : child.content))
        .join('')
    : content;

function slugOf(title: string, used: Map<string, number>): string {
  const slug =
    title
      .toLocaleLowerCase('en-US')
      .replace(/[^\p{L}\p{N}]+/gu, '-')
      .replace(/^-|-$/g, '') || 'part';
  const count = used.get(slug) ?? 0;
  used.set(slug, count + 1);
  return count === 0 ? slug : `${slug}-${count}`;
}

interface LinkToken {
  attrGet(name: string): string | null;
  attrSet(name: string, value: string): void;
  attrs: [string, string][] | null;
}

// What leads out of the pages leads nowhere: the link goes, its words stay.
function lead(
  token: LinkToken,
  attribute: 'href' | 'src',
  page: Page,
  known: KnownTargets,
): void {
  const link = token.attrGet(attribute) ?? '';
  if (isAbsolute.test(link)) return;
  const [, target, rest] = /^([^?#]*)(.*)$/s.exec(link)!;
  const place = posix.join(posix.dirname(page.source), decoded(target));
  const url = known.pages.get(place) ?? known.pages.get(`${place}/index.md`);
  if (url !== undefined)
    token.attrSet(attribute, encodeURI(relativeTo(page, url)) + rest);
  else if (known.files.has(place))
    token.attrSet(attribute, encodeURI(relativeTo(page, place)));
  else token.attrs = (token.attrs ?? []).filter(([name]) => name !== attribute);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
