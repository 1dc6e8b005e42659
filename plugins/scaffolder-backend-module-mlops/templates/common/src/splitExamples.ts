import { createHash } from 'node:crypto';
import type { Example } from './Example.ts';

/** Held-out examples are never trained on. The same example falls on the same side in every run, whatever stands beside it. */
export function splitExamples(
  items: Example[],
  seed: number,
): { train: Example[]; heldOut: Example[] } {
  const isHeldOut = ({ id }: Example) =>
    createHash('sha256').update(`${seed} ${id}`).digest()[0] < 256 * 0.3;
  return {
    train: items.filter(item => !isHeldOut(item)),
    heldOut: items.filter(isHeldOut),
  };
}

/** How often each label occurs, the most frequent first. */
export function countLabels(
  items: Example[],
): { value: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const { label } of items)
    counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
}
