import { compareVersions } from '../models/compareVersions';

/** What a run brought: its metrics, with intervals where the evaluation knows them, and what it took. */
export interface RunSide {
  run: string;
  metrics: Record<
    string,
    { value: number; interval?: { lower: number; upper: number } }
  >;
  seconds: number;
  price?: number;
  currency?: string;
  primary?: { name: string; direction: 'higher' | 'lower' };
}

/** A figure on both sides. */
export interface ComparedNumber {
  before?: number;
  now: number;
}

/** One metric on both sides. */
export interface ComparedMetric {
  name: string;
  before?: RunSide['metrics'][string];
  now?: RunSide['metrics'][string];
  difference?: number;
  /** `within`: the intervals overlap, so the difference may be chance. */
  judged?: 'better' | 'worse' | 'within' | 'same';
}

/** A run beside another. */
export interface ComparedSides {
  /** The primary metric first, then by name. */
  metrics: ComparedMetric[];
  seconds: ComparedNumber;
  price?: ComparedNumber;
}

/** What differs between a run and the one before it; without an earlier one its own figures. */
export function compareSides(now: RunSide, before?: RunSide): ComparedSides {
  const primary = now.primary ?? before?.primary;
  const names = Object.keys(now.metrics)
    .filter(name => !before || before.metrics[name])
    .sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
  function rank(name: string) {
    return name === primary?.name ? 0 : 1;
  }
  const judged = new Map(
    before
      ? compareVersions(plain(now), plain(before), primary).metrics.map(
          metric => [metric.name, metric.judged],
        )
      : [],
  );
  return {
    metrics: names.map(name => {
      const own = now.metrics[name];
      const other = before?.metrics[name];
      if (!other) return { name, now: own };
      const difference = own.value - other.value;
      return {
        name,
        before: other,
        now: own,
        difference,
        judged: wordFor(own, other, judged.get(name)),
      };
    }),
    seconds: { before: before?.seconds, now: now.seconds },
    ...(now.price !== undefined
      ? { price: { before: before?.price, now: now.price } }
      : {}),
  };
}

type Value = RunSide['metrics'][string];

function wordFor(
  now: Value,
  before: Value,
  judged?: 'better' | 'worse',
): ComparedMetric['judged'] {
  if (Math.abs(now.value - before.value) < 1e-9) return 'same';
  const [a, b] = [now.interval, before.interval];
  if (a && b && a.lower <= b.upper && b.lower <= a.upper) return 'within';
  return judged;
}

function plain({ metrics, run }: RunSide) {
  return {
    version: run,
    digest: '',
    createdAt: '',
    parameters: {},
    metrics: Object.fromEntries(
      Object.entries(metrics).map(([name, { value }]) => [name, value]),
    ),
  };
}
