/** One measured penguin. */
export interface Penguin {
  species: string;
  island: string;
  beak_length_mm: number;
  beak_depth_mm: number;
  flipper_length_mm: number;
  body_mass_g: number;
  sex: string;
}

export interface Splits {
  train: Penguin[];
  validation: Penguin[];
  test: Penguin[];
}

export const features = ['beak_length_mm', 'beak_depth_mm', 'flipper_length_mm', 'body_mass_g'] as const;

/** What adult penguins measure, with room on both sides. */
export const ranges: Record<(typeof features)[number], [number, number]> = {
  beak_length_mm: [25, 70],
  beak_depth_mm: [10, 25],
  flipper_length_mm: [150, 250],
  body_mass_g: [2000, 7000],
};

/** A small generator of numbers in [0, 1): mulberry32. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function shuffled<T>(items: T[], next: () => number): T[] {
  const list = [...items];
  for (let i = list.length - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    [list[i], list[j]] = [list[j], list[i]];
  }
  return list;
}

export function countBy<T>(items: T[], key: (item: T) => string): { value: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(key(item), (counts.get(key(item)) ?? 0) + 1);
  return [...counts].map(([value, count]) => ({ value, count })).sort((a, b) => b.count - a.count);
}
