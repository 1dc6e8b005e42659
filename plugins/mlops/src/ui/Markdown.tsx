import { MarkdownContent } from '@backstage/core-components';
import { useEffect, useRef } from 'react';

/** A text with headings, lists and code that somebody wrote. */
export function Markdown({ content }: { content: string }) {
  const text = useRef<HTMLDivElement>(null);
  // Code wider than its place is scrolled by arrow keys, so it can be reached.
  useEffect(() => {
    text.current
      ?.querySelectorAll('pre')
      .forEach(block => block.setAttribute('tabindex', '0'));
  }, [content]);
  return (
    <div ref={text}>
      <MarkdownContent content={content} />
    </div>
  );
}
