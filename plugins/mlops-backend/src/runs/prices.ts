/* What steps cost in money, by the configured rates. */
import type { Cost } from '@backstage-mlops/mlops-core';

/** Rates of the configuration. */
export interface Prices {
  currency: string;
  /** One processor for an hour. */
  cpuHour: number;
  /** One GiB of memory for an hour. */
  memoryGibHour: number;
}

const hour = 3600;
const gib = 1024 ** 3;

/** The price of one attempt: processor time as it was used, memory at its peak for as long as the attempt took. */
export function priceOf(cost: Cost, prices: Prices): number {
  const cpu = ((cost.cpuSeconds ?? 0) / hour) * prices.cpuHour;
  const memory =
    ((cost.peakMemoryBytes ?? 0) / gib) *
    (cost.wallSeconds / hour) *
    prices.memoryGibHour;
  return cpu + memory;
}
