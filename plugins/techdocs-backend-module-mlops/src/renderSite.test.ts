import { renderSite } from './renderSite';

const file = (path: string, text: string) => ({
  path,
  bytes: Buffer.from(text),
});
const facts = {
  project: 'one',
  title: 'Project one',
  commit: 'c',
  version: 'v',
  leftOut: [],
};
const siteOf = (files: Record<string, string>, more = {}) => {
  const site = renderSite(
    Object.entries(files).map(([path, text]) => file(path, text)),
    { ...facts, ...more },
  );
  return new Map(site.map(({ path, bytes }) => [path, bytes.toString()]));
};
const page = (html: string) =>
  /<article[^>]*>\n(.*)\n<\/article>/s.exec(html)![1];

describe('pages of a project', () => {
  it('lie in folders of their own, with headings that can be linked to', () => {
    const site = siteOf({
      'docs/index.md': '# Start\n\n## Same\n\n## Same\n',
      'docs/how/it-works.md': '# How it works\n',
      'docs/how/index.md': '# How\n',
    });
    expect([...site.keys()].filter(path => path.endsWith('.html'))).toEqual([
      'index.html',
      'how/index.html',
      'how/it-works/index.html',
    ]);
    expect(page(site.get('index.html')!)).toBe(
      '<h1 id="start">Start</h1>\n<h2 id="same">Same</h2>\n<h2 id="same-1">Same</h2>\n',
    );
    expect(site.get('index.html')).toContain('href="how/it-works/"');
    expect(site.get('how/it-works/index.html')).toContain('href="../../"');
    const { docs } = JSON.parse(site.get('search/search_index.json')!);
    expect(docs[2]).toEqual({
      location: 'how/it-works/',
      title: 'How it works',
      text: 'How it works',
    });
  });

  it('lead to each other and to their pictures, and out of themselves nowhere', () => {
    const site = siteOf({
      'docs/index.md': '[a](deep/a.md#part) ![p](p%20q.png)',
      'docs/deep/a.md':
        '[b](./b.md) [home](../index.md) ![p](../p%20q.png) [out](../../secret.md) [far](https://example.com/x.md) [none](none.md)',
      'docs/deep/b.md': 'b',
      'docs/p q.png': 'bytes',
    });
    expect(page(site.get('index.html')!)).toBe(
      '<p><a href="deep/a/#part">a</a> <img src="p%20q.png" alt="p"></p>\n',
    );
    expect(page(site.get('deep/a/index.html')!)).toBe(
      '<p><a href="../b/">b</a> <a href="../../">home</a> <img src="../../p%20q.png" alt="p"> <a>out</a> <a href="https://example.com/x.md">far</a> <a>none</a></p>\n',
    );
    expect(site.get('p q.png')).toBe('bytes');
  });

  it('show HTML as text, and take no link that runs a program', () => {
    const html = page(
      siteOf({
        'docs/index.md':
          '<script>alert(1)</script>\n\n<img src=x onerror=alert(1)>\n\n[x](javascript:alert(1)) [y](data:text/html,x) [z](vbscript:x)\n\n"><b>',
      }).get('index.html')!,
    );
    expect(html).not.toMatch(/<(script|img|b|a)\b/);
    expect(html).toContain('&lt;script&gt;');
  });

  it('stand in the order of mkdocs.yml, with its titles and sections', () => {
    const site = siteOf({
      'mkdocs.yml':
        'nav:\n  - Home: index.md\n  - Ways:\n      - Second way: b.md\n      - a.md\n  - gone.md\n  - ../../outside.md\n',
      'docs/index.md': 'x',
      'docs/a.md': '# First `way`\n',
      'docs/b.md': 'b',
      'docs/c.md': 'c',
    });
    const html = site.get('index.html')!;
    const list = html
      .slice(html.indexOf('<nav'), html.indexOf('</nav'))
      .match(/>[^<>]+</g)!;
    expect(list.map(text => text.slice(1, -1))).toEqual([
      'Home',
      'Ways',
      'Second way',
      'First way',
      'C',
    ]);
    expect(html).toContain('mkdocs.yml names gone.md, which is not in docs/');
  });

  it('say what is not shown: files that were left out, settings that cannot be read', () => {
    const html = siteOf(
      { 'docs/index.md': 'x', 'mkdocs.yml': 'nav: [unclosed' },
      { leftOut: [{ path: 'docs/a<b>.svg', reason: 'it is no picture' }] },
    ).get('index.html')!;
    expect(html).toContain('mkdocs.yml cannot be read');
    expect(html).toContain('docs/a&lt;b&gt;.svg: it is no picture');
  });

  it('begin with the README when there is no start page, and with a word when there is none either', () => {
    const start = (files: Record<string, string>) =>
      page(siteOf(files).get('index.html')!);
    expect(start({ 'README.md': '# Mine' })).toContain('Mine');
    expect(
      start({ 'docs/README.md': '# Docs', 'README.md': '# Mine' }),
    ).toContain('Docs');
    expect(start({})).toContain('This project has no pages yet.');
  });
});
