/*
 * Markdown of a project as a site that TechDocs reads: a page in a folder of its own, as MkDocs lays them, an index for the search, and
 * one style sheet. HTML in Markdown is text here, so a page can hold nothing that its author did not write as Markdown. Pure.
 */
import type { ProjectDocs } from '@backstage-mlops/mlops-core';
import { posix } from 'node:path';
import { planPages, type Page } from './planPages';
import { renderMarkdown } from './renderMarkdown';
import { styles, stylesFile } from './styles';

/** A file with its path from the top. */
export interface SourceFile {
  path: string;
  bytes: Buffer;
}

type Facts = Omit<ProjectDocs, 'files'>;

/** Files of the site, without what tells TechDocs of its version. */
export function renderSite(files: SourceFile[], facts: Facts): SourceFile[] {
  const { pages, notes } = planPages(files, facts.title);
  const pictures = files.filter(
    ({ path }) => path.startsWith('docs/') && !path.endsWith('.md'),
  );
  const known = {
    pages: new Map(pages.map(page => [page.source, page.url])),
    files: new Set(pictures.map(({ path }) => path.slice('docs/'.length))),
  };
  const rendered = pages.map(page => ({
    page,
    ...renderMarkdown(page.text, page, known),
  }));
  const missing = [
    ...notes,
    ...facts.leftOut.map(({ path, reason }) => `${path}: ${reason}`),
  ];
  return [
    ...rendered.map(({ page, html, headings }) => ({
      path: `${page.url}index.html`,
      bytes: Buffer.from(
        document({
          page,
          html: page.url === '' ? html + noteOf(missing) : html,
          nav: navOf(pages, page, headings),
          title: facts.title,
        }),
      ),
    })),
    ...pictures.map(({ path, bytes }) => ({
      path: path.slice('docs/'.length),
      bytes,
    })),
    { path: stylesFile, bytes: Buffer.from(styles) },
    {
      path: 'search/search_index.json',
      bytes: Buffer.from(
        JSON.stringify({
          config: { lang: ['en'] },
          docs: rendered.map(({ page, text }) => ({
            location: page.url,
            title: page.title,
            text,
          })),
        }),
      ),
    },
  ];
}

/** From one page's folder to a path below the top. */
export const relativeTo = (page: Pick<Page, 'url'>, target: string) =>
  `${posix.relative(`/${page.url}`, `/${target}`) || '.'}${
    target === '' || target.endsWith('/') ? '/' : ''
  }`;

/** Text as HTML shows it. */
export const escape = (text: string) =>
  text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;');

function navOf(
  pages: Page[],
  current: Page,
  headings: { id: string; title: string }[],
): string {
  const items = pages.map(page => {
    const isHere = page === current;
    const link = `<a class="md-nav__link${
      isHere ? ' md-nav__link--active' : ''
    }"${isHere ? ' aria-current="page"' : ''} href="${escape(
      relativeTo(current, page.url),
    )}">${escape(page.title)}</a>`;
    const parts = isHere
      ? headings.map(
          ({ id, title }) =>
            `<li class="md-nav__item"><a class="md-nav__link" href="#${escape(
              id,
            )}">${escape(title)}</a></li>`,
        )
      : [];
    const section =
      page.section && page.section !== pages[pages.indexOf(page) - 1]?.section
        ? `<li class="docs__section">${escape(page.section)}</li>`
        : '';
    return `${section}<li class="md-nav__item">${link}${
      parts.length > 0 ? `<ul class="docs__parts">${parts.join('')}</ul>` : ''
    }</li>`;
  });
  return `<ul>${items.join('')}</ul>`;
}

const noteOf = (missing: string[]) =>
  missing.length === 0
    ? ''
    : `<h2 id="not-shown">Not shown</h2><ul>${missing
        .slice(0, 50)
        .map(text => `<li>${escape(text)}</li>`)
        .join('')}</ul>`;

function document(given: {
  page: Page;
  html: string;
  nav: string;
  title: string;
}): string {
  const { page, html, nav, title } = given;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${escape(page.title)} - ${escape(title)}</title>
<link rel="stylesheet" href="${escape(relativeTo(page, stylesFile))}">
</head>
<body>
<div class="md-container"><main class="docs">
<nav class="docs__nav" aria-label="Pages">${nav}</nav>
<article class="docs__page md-typeset">
${html}
</article>
</main></div>
</body>
</html>
`;
}
