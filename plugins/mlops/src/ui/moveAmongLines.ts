import type { KeyboardEvent } from 'react';

const steps = {
  ArrowDown: 'nextElementSibling',
  ArrowUp: 'previousElementSibling',
} as const;

/** Arrow keys go from the number of one line to that of the next, so that a long text is one stop of the Tab key. */
export function moveAmongLines(event: KeyboardEvent<HTMLElement>): void {
  const step = steps[event.key as keyof typeof steps];
  const from = event.target as HTMLElement;
  if (!step || from.tagName !== 'A') return;
  event.preventDefault();
  const next = from.parentElement?.[step];
  next?.querySelector<HTMLElement>('a')?.focus();
}
