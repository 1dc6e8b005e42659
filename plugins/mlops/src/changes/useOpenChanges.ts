import { useApi } from '@backstage/core-plugin-api';
import type { ChangeSummary } from '@backstage-mlops/mlops-core';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { listAgainMs } from '../api/useLiveRuns';
import { useResource } from '../api/useResource';
import { useLiveChanges } from './useLiveChanges';

/** What one request gives at most; more open requests than this are not counted. */
const most = 200;

/** How many requests are open, in a project or in all; 0 while it is not known. */
export function useOpenChanges(project?: string): number {
  const api = useApi(mlopsApiRef);
  const open = useLiveChanges(
    useResource({
      key: `open changes ${project}`,
      load: () =>
        api.listChanges({ project, state: 'open', limit: String(most) }),
      againMs: () => listAgainMs,
    }),
  );
  return open.value?.items.length ?? 0;
}

/** Open requests that wait for the verdict of whoever looks; none while it is not known. */
export function useWaitingChanges(): ChangeSummary[] {
  const api = useApi(mlopsApiRef);
  const waiting = useLiveChanges(
    useResource({
      key: 'waiting changes',
      load: () => api.listChanges({ waitingFor: 'me', limit: '20' }),
      againMs: () => listAgainMs,
    }),
  );
  return waiting.value?.items ?? [];
}
