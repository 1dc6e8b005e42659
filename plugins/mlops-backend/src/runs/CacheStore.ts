/* What steps with `memoize` gave, by project, cache and key; which run filled an entry, and which used it. */
import type { CacheEntry, CacheSave } from '@backstage-mlops/argo-engine';
import { NotFoundError, type CachePage } from '@backstage-mlops/mlops-core';
import type { Knex } from 'knex';

/** An entry with the run that filled it. */
export type StoredCacheEntry = CacheEntry & { runId: string };

export class CacheStore {
  constructor(private readonly knex: Knex) {}

  async find(
    project: string,
    cacheName: string,
    key: string,
  ): Promise<StoredCacheEntry | undefined> {
    const row = await this.knex('mlops_caches')
      .where({ project, cache_name: cacheName, key })
      .first();
    return (
      row && {
        runId: row.run_id,
        nodeId: row.node_id,
        ...(row.outputs ? { outputs: JSON.parse(row.outputs) } : {}),
        createdAt: row.created_at,
      }
    );
  }

  /** Writes what a pass gave and used, with the state that it led to. */
  async record(
    trx: Knex.Transaction,
    of: { project: string; runId: string },
    saves: CacheSave[],
    hits: { cacheName: string; key: string }[],
  ): Promise<void> {
    const now = new Date().toISOString();
    for (const { cacheName, key, nodeId, outputs } of saves)
      await trx('mlops_caches')
        .insert({
          project: of.project,
          cache_name: cacheName,
          key,
          run_id: of.runId,
          node_id: nodeId,
          outputs: outputs ? JSON.stringify(outputs) : null,
          created_at: now,
        })
        .onConflict(['project', 'cache_name', 'key'])
        .merge();
    for (const { cacheName, key } of hits) {
      const entry = { project: of.project, cache_name: cacheName, key };
      await trx('mlops_caches').where(entry).update({ last_hit_at: now });
      await trx('mlops_cache_uses')
        .insert({ ...entry, run_id: of.runId, used_at: now })
        .onConflict(['project', 'cache_name', 'key', 'run_id'])
        .ignore();
    }
  }

  /** Entries of a project, newest first. */
  async list(project: string, limit: number): Promise<CachePage> {
    const rows = await this.knex('mlops_caches')
      .where({ project })
      .orderBy('created_at', 'desc')
      .limit(limit);
    const uses = await this.knex('mlops_cache_uses')
      .where({ project })
      .orderBy('used_at', 'desc')
      .limit(1000);
    return {
      items: rows.map(row => ({
        cacheName: row.cache_name,
        key: row.key,
        filledBy: { run: row.run_id, node: row.node_id },
        createdAt: row.created_at,
        ...(row.last_hit_at ? { lastHitAt: row.last_hit_at } : {}),
        usedBy: uses
          .filter(
            use => use.cache_name === row.cache_name && use.key === row.key,
          )
          .map(use => ({ run: use.run_id })),
      })),
    };
  }

  /** Removes an entry, so that the next run does the step again. NotFoundError when there is none. */
  async forget(project: string, cacheName: string, key: string): Promise<void> {
    const entry = { project, cache_name: cacheName, key };
    const removed = await this.knex('mlops_caches').where(entry).delete();
    if (removed === 0)
      throw new NotFoundError(
        `The cache '${cacheName.slice(
          0,
          100,
        )}' of project '${project}' has no entry '${key.slice(0, 100)}'.`,
        'not-found',
      );
    await this.knex('mlops_cache_uses').where(entry).delete();
  }
}
