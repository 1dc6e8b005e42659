import type { Cost, Run, RunCosts } from '@backstage-mlops/mlops-core';
import type { Workflow } from '@backstage-mlops/argo-engine';
import { priceOf, type Prices } from './prices';
import type { StepAttemptRow } from './AttemptStore';

/** What the attempts of a run cost, each and together; those that never ran cost nothing. */
export function costsOf(
  run: Run,
  attempts: StepAttemptRow[],
  prices?: Prices,
  workflow?: Workflow,
): RunCosts {
  const items = attempts.flatMap(({ nodeId, attempt, usage }) => {
    if (!usage) return [];
    const node = run.nodes[nodeId];
    const requests = requestsOf(workflow, node?.templateName);
    return [
      {
        node: nodeId,
        displayName: node?.displayName ?? nodeId,
        attempt,
        ...usage,
        ...(prices ? { price: priceOf(usage, prices) } : {}),
        ...(requests ? { requests } : {}),
      },
    ];
  });
  return {
    items,
    total: sumOf(items),
    ...(prices ? { currency: prices.currency } : {}),
  };
}

/** Several costs together: times and bytes added, memory at its highest. */
export function sumOf(items: Cost[]): Cost {
  return items.reduce(plus, { wallSeconds: 0 });
}

function plus(sum: Cost, item: Cost): Cost {
  const added = (key: 'cpuSeconds' | 'writtenBytes' | 'price') =>
    item[key] === undefined ? sum[key] : (sum[key] ?? 0) + item[key];
  const total: Cost = {
    wallSeconds: sum.wallSeconds + item.wallSeconds,
    cpuSeconds: added('cpuSeconds'),
    peakMemoryBytes:
      item.peakMemoryBytes === undefined
        ? sum.peakMemoryBytes
        : Math.max(sum.peakMemoryBytes ?? 0, item.peakMemoryBytes),
    writtenBytes: added('writtenBytes'),
    price: added('price'),
  };
  return Object.fromEntries(
    Object.entries(total).filter(([, value]) => value !== undefined),
  ) as unknown as Cost;
}

// What a step asked for, beside what it took.
function requestsOf(
  workflow: Workflow | undefined,
  templateName: string | undefined,
): { cpu?: number; memoryBytes?: number } | undefined {
  const template = workflow?.spec.templates?.find(
    (item: { name: string }) => item.name === templateName,
  );
  const requests = (template?.container ?? template?.script)?.resources
    ?.requests;
  if (!requests) return undefined;
  const cpu = quantity(requests.cpu);
  const memoryBytes = quantity(requests.memory);
  return {
    ...(cpu === undefined ? {} : { cpu }),
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
  };
}

const units: Record<string, number> = {
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
  Ti: 1024 ** 4,
};

/** A Kubernetes quantity, as `500m` or `1Gi`; undefined when it is none. */
export function quantity(text: unknown): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/.exec(
    String(text ?? ''),
  );
  return match
    ? Number(match[1]) * (match[2] ? units[match[2]] : 1)
    : undefined;
}
