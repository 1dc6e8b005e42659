/* Times and how they are told. What is compared is measured in turns, so that a busy moment of the machine meets all alike. */

/** Milliseconds that the work took. */
export async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

/** Runs every candidate once a round and gives the median of each. */
export async function inTurns<K extends string>(
  rounds: number,
  candidates: Record<K, () => Promise<number>>,
): Promise<Record<K, number>> {
  const names = Object.keys(candidates) as K[];
  const seen = Object.fromEntries(
    names.map(name => [name, [] as number[]]),
  ) as Record<K, number[]>;
  for (let round = 0; round < rounds; round++)
    for (const name of names) seen[name].push(await candidates[name]());
  return Object.fromEntries(
    names.map(name => [name, median(seen[name])]),
  ) as Record<K, number>;
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2
    ? sorted[middle]
    : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** One line: what, how much, and how it stands to its goal or to something bare. */
export function tell(what: string, value: string, beside = ''): void {
  console.log(`${what.padEnd(46)} ${value.padStart(14)}  ${beside}`);
}

/** Words for a goal that was met or missed. */
export const goal = (value: number, limit: number, unit: string) =>
  `goal ${limit} ${unit}: ${value <= limit ? 'met' : 'MISSED'}`;
