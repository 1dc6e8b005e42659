import { MarkdownContent } from '@backstage/core-components';
import { useEffect, useRef } from 'react';

const levelOf = ({ tagName }: Element) => Number(tagName.slice(1));

/** A text with headings, lists and code that somebody wrote. */
export function Markdown({ content }: { content: string }) {
  const text = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Code wider than its place is scrolled by arrow keys, so it can be reached.
    text.current
      ?.querySelectorAll('pre')
      .forEach(block => block.setAttribute('tabindex', '0'));
    // The text stands below the headings of its page and of its panel.
    text.current
      ?.querySelectorAll('h1, h2, h3, h4, h5, h6')
      .forEach(heading =>
        heading.setAttribute(
          'aria-level',
          String(Math.min(6, levelOf(heading) + 2)),
        ),
      );
  }, [content]);
  return (
    <div ref={text}>
      <MarkdownContent content={content} />
    </div>
  );
}
