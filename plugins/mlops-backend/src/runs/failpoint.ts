import { existsSync, readFileSync } from 'node:fs';

/** Places between two things that are written one after the other. A test ends the process at each of them. */
export type Failpoint =
  | 'run-stored'
  | 'state-computed'
  | 'state-saved'
  | 'attempt-folder-made'
  | 'attempt-stored'
  | 'inputs-staged'
  | 'step-abandoned'
  | 'step-started'
  | 'step-ended'
  | 'outputs-collected'
  | 'tracking-ended'
  | 'end-saved'
  | 'control-stored'
  | 'control-applied'
  | 'lease-taken'
  | 'retry-planned'
  | 'cache-saved'
  | 'tracking-opened'
  | 'run-reopened'
  | 'schedule-submitted'
  | 'retention-bytes-removed'
  | 'retention-folder-removed'
  | 'artifact-bytes-written'
  | 'alias-written'
  | 'change-asked'
  | 'change-stored'
  | 'change-operation-stored'
  | 'change-ref-moved'
  | 'change-opened'
  | 'change-check-told';

/**
 * Ends the process without a word when `MLOPS_FAILPOINT` names this place, or a file (`@/path`) that does; does nothing
 * otherwise.
 */
export function failpoint(name: Failpoint): void {
  const armed = process.env.MLOPS_FAILPOINT;
  if (!armed || nameIn(armed) !== name) return;
  process.kill(process.pid, 'SIGKILL');
  // The signal arrives at once, but nothing may be written until it has.
  for (;;);
}

function nameIn(armed: string): string {
  if (!armed.startsWith('@')) return armed;
  const file = armed.slice(1);
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
}
