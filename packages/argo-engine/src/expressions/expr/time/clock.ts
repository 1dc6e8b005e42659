/*
 * The moment that `now()` gives. A pass of the engine sets it, so that the same pass done again gives the same; nothing waits while it
 * is set, so no two passes share it.
 */
let moment: number | undefined;

/** Does the work at a moment, in milliseconds since 1970. */
export function atMoment<T>(ms: number, work: () => T): T {
  const before = moment;
  moment = ms;
  try {
    return work();
  } finally {
    moment = before;
  }
}

/** The moment, in milliseconds since 1970: that of the pass, else that of the machine. */
export const presentMs = (): number => moment ?? Date.now();
