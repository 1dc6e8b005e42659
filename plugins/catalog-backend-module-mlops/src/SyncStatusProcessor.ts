import type { Entity } from '@backstage/catalog-model';
import type { CatalogProcessor } from '@backstage/plugin-catalog-node';

/** Annotations by which our provider says how a thing stands against git. */
export const syncAnnotations = {
  state: 'backstage-mlops/sync',
  message: 'backstage-mlops/sync-message',
} as const;

const levels: Record<string, string> = {
  Synced: 'info',
  OutOfSync: 'warning',
  Failed: 'error',
};

/** Tells how a thing stands against git as a status of its entity. A provider cannot: entities that come in have no status yet. */
export class SyncStatusProcessor implements CatalogProcessor {
  getProcessorName(): string {
    return 'MlopsSyncStatusProcessor';
  }

  async postProcessEntity(entity: Entity): Promise<Entity> {
    const annotations = entity.metadata.annotations ?? {};
    const state = annotations[syncAnnotations.state];
    if (!state || !entity.metadata.annotations?.['backstage-mlops/project'])
      return entity;
    const message = annotations[syncAnnotations.message];
    const item = {
      type: 'backstage-mlops/sync',
      level: levels[state] ?? 'info',
      message: message ? `${state}: ${message}` : state,
    };
    const { status } = entity as { status?: { items?: object[] } };
    return {
      ...entity,
      status: { ...status, items: [...(status?.items ?? []), item] },
    } as Entity;
  }
}
