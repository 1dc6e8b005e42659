/** One round of a loop. */
export interface Round {
  /** 1-based. */
  number: number;
  /** How many rounds are known so far. */
  of: number;
  /** Its item as Argo writes it: `l2:0.001,name:small`. */
  item: string;
  /** What people call the item, where it is short or has a name. */
  label?: string;
}

/** The name that a node has in the file: without the part that tells children of a loop apart. */
export function planName(displayName: string): string {
  return displayName.replace(/\(.*\)$/s, '');
}

/** Longer items are told by their number. */
const longestLabel = 24;

/** Reads `step(2:item)`, as Argo names the children of a loop; undefined for any other name. */
export function roundOf(displayName: string, of: number): Round | undefined {
  const [, place, item] = /\((\d+):(.*)\)$/s.exec(displayName) ?? [];
  if (place === undefined) return undefined;
  const label = labelOf(item);
  return { number: Number(place) + 1, of, item, ...(label ? { label } : {}) };
}

/** The name in an item of several fields; a plain item as it is. */
function labelOf(item: string): string | undefined {
  const fields = /^[\w-]+:/.test(item);
  const label = fields ? /(?:^|,)name:([^,]*)/.exec(item)?.[1] : item;
  return label && label.length <= longestLabel ? label : undefined;
}

/** A step as its heading says it: `fit small`, `fit 2`, or the name that it has. */
export function shortName(displayName: string): string {
  const round = roundOf(displayName, 0);
  if (!round) return displayName;
  return `${planName(displayName)} ${round.label ?? round.number}`;
}
