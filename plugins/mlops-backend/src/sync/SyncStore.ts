import type { SyncItem } from '@backstage-mlops/mlops-core';
import type { Knex } from 'knex';

const table = 'mlops_sync';
const keys = ['project', 'kind', 'model', 'name'] as const;

/** How everything that git asks for stood at the last look, so that `since` is true after a restart. */
export class SyncStore {
  constructor(private readonly knex: Knex) {}

  async list(project?: string): Promise<SyncItem[]> {
    const select = this.knex(table).orderBy([...keys]);
    if (project !== undefined) select.where({ project });
    return (await select).map(toItem);
  }

  async save(items: SyncItem[]): Promise<void> {
    for (let i = 0; i < items.length; i += 50)
      await this.knex(table)
        .insert(items.slice(i, i + 50).map(toRow))
        .onConflict([...keys])
        .merge();
  }

  async remove(items: SyncItem[]): Promise<void> {
    for (const { project, kind, model = '', name } of items)
      await this.knex(table).where({ project, kind, model, name }).delete();
  }
}

function toRow(item: SyncItem) {
  return {
    project: item.project,
    kind: item.kind,
    model: item.model ?? '',
    name: item.name,
    state: item.state,
    field: item.field ?? null,
    desired: item.desired ?? null,
    actual: item.actual ?? null,
    message: item.message ?? null,
    since: item.since,
    commit: item.commit,
  };
}

function toItem(row: any): SyncItem {
  const given = (name: string) =>
    row[name] === null || row[name] === '' ? {} : { [name]: row[name] };
  return {
    project: row.project,
    kind: row.kind,
    name: row.name,
    ...given('model'),
    state: row.state,
    ...given('field'),
    ...given('desired'),
    ...given('actual'),
    ...given('message'),
    since: row.since,
    commit: row.commit,
  };
}
