/*
 * The plural fields that Argo 3.6 to 4.1 know, in place of the singular ones that 4.0 took away (mutex, semaphore).
 * Source: cmd/argo/commands/convert.go.
 */

/** A copy of a spec with plural fields only. */
export function toPlural(spec: Record<string, any>): Record<string, any> {
  const copy = structuredClone(spec);
  for (const holder of [
    copy,
    copy.templateDefaults,
    ...(copy.templates ?? []),
  ]) {
    const lock = holder?.synchronization;
    if (!lock) continue;
    for (const [one, many] of [
      ['mutex', 'mutexes'],
      ['semaphore', 'semaphores'],
    ] as const) {
      if (lock[one]) lock[many] = [lock[one], ...(lock[many] ?? [])];
      delete lock[one];
    }
  }
  return copy;
}
