import { useSignal } from '@backstage/plugin-signals-react';
import { useEffect } from 'react';
import type { Resource } from '../api/useResource';

/** Fetches anew as soon as the portal says that requests changed. */
export function useLiveChanges<T>(of: Resource<T>): Resource<T> {
  const { lastSignal } = useSignal('mlops:changes');
  const { reload } = of;
  useEffect(() => {
    if (lastSignal) reload();
  }, [lastSignal, reload]);
  return of;
}
