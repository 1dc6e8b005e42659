import type { SchedulerServiceTaskRunner } from '@backstage/backend-plugin-api';

/** What is collated. */
export interface Collated {
  /** Whether no collation of this process has found anything yet. */
  readonly isEmpty: boolean;
  /** Whether a collation would find anything now. */
  canFind(): Promise<boolean>;
}

/**
 * Runs a collation as its schedule says; and, until one has found something, as soon as there is anything. The search keeps no index without
 * documents and answers a question for it with a fault; a portal that begins empty, or whose index went with the process while the
 * schedule is remembered, would answer so until the next turn.
 */
export function soonerWhileEmpty(
  runner: SchedulerServiceTaskRunner,
  collated: Collated,
  everyMs: number,
): SchedulerServiceTaskRunner {
  return {
    async run(task) {
      await runner.run(task);
      const { signal } = new AbortController();
      setTimeout(async function look() {
        if (!collated.isEmpty) return;
        try {
          if (await collated.canFind()) await task.fn(signal);
        } catch {
          // The portal may not answer yet; the next look comes soon.
        }
        setTimeout(look, everyMs).unref();
      }, everyMs).unref();
    },
  };
}
