import { useSignal } from '@backstage/plugin-signals-react';
import { useEffect } from 'react';
import type { Resource } from './useResource';

/** Milliseconds between two looks at a list when nothing was pushed. */
export const listAgainMs = 10_000;

/** Fetches anew as soon as the portal says that runs changed: one run, or any. */
export function useLiveRuns<T>(of: Resource<T>, run?: string): Resource<T> {
  const { lastSignal } = useSignal(run ? `mlops:run:${run}` : 'mlops:runs');
  const { reload } = of;
  useEffect(() => {
    if (lastSignal) reload();
  }, [lastSignal, reload]);
  return of;
}
