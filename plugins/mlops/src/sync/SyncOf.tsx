import { useApi } from '@backstage/core-plugin-api';
import type { SyncItem } from '@backstage-mlops/mlops-core';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { listAgainMs } from '../api/useLiveRuns';
import { useResource } from '../api/useResource';
import { SyncState } from './SyncState';

/** How everything of a project stands against git; nothing while it is not known. */
export function useSync(project: string): SyncItem[] {
  const api = useApi(mlopsApiRef);
  const page = useResource({
    key: `sync ${project}`,
    load: () => api.getSync(project),
    againMs: () => listAgainMs,
  });
  return page.value?.items ?? [];
}

/** How one thing stands, and why where it differs; nothing before the first look. */
export function SyncOf(props: {
  items: SyncItem[];
  kind: SyncItem['kind'];
  name: string;
}) {
  const found = props.items.find(
    ({ kind, name }) => kind === props.kind && name === props.name,
  );
  return found ? (
    <SyncState state={found.state} message={found.message} />
  ) : null;
}
