/** A reason for setting examples aside, and how many have it. */
export interface ReasonCount {
  label: string;
  amount: number;
}

const numbers = /\d+(\.\d+)?/g;

/** Counts reasons, most frequent first. Reasons that differ in their numbers alone are one, with … for the number. */
export function groupReasons(reasons: string[]): ReasonCount[] {
  const groups = new Map<string, string[]>();
  for (const reason of reasons) {
    const pattern = reason.replace(numbers, '…');
    groups.set(pattern, [...(groups.get(pattern) ?? []), reason]);
  }
  return [...groups]
    .map(([pattern, all]) => ({
      label: all.every(reason => reason === all[0]) ? all[0] : pattern,
      amount: all.length,
    }))
    .sort((a, b) => b.amount - a.amount);
}
