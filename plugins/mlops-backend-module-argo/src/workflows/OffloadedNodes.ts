/*
 * Nodes of very large workflows, which Argo keeps in a database of its own (`persistence.nodeStatusOffLoad`). It is only read. The
 * driver is loaded when the first such workflow is met. Source of the table: Argo's persist/sqldb.
 */
import { knex, type Knex } from 'knex';

export interface OffloadedNodesOptions {
  connection: Knex.PgConnectionConfig | string;
  /** `persistence.postgresql.tableName` of the controller. */
  tableName: string;
  /** `persistence.clusterName` of the controller. */
  clusterName: string;
}

/** Trees of a version never change, so the last few are kept. */
const keptTrees = 20;
const patienceMs = 5_000;

export class OffloadedNodes {
  private knex?: Knex;
  private readonly trees = new Map<string, Promise<string | undefined>>();

  constructor(private readonly options: OffloadedNodesOptions) {}

  /** Nodes of a workflow as JSON; undefined when the database has none of that version (any more). */
  find(uid: string, version: string): Promise<string | undefined> {
    const key = `${uid}/${version}`;
    const known = this.trees.get(key);
    if (known) return known;
    const read = this.read(uid, version);
    this.trees.set(key, read);
    const forget = () => this.trees.delete(key);
    read.then(found => found === undefined && forget(), forget);
    if (this.trees.size > keptTrees)
      this.trees.delete(this.trees.keys().next().value!);
    return read;
  }

  async end(): Promise<void> {
    await this.knex?.destroy();
  }

  private async read(
    uid: string,
    version: string,
  ): Promise<string | undefined> {
    this.knex ??= this.open();
    const { tableName, clusterName } = this.options;
    const row = await this.knex(tableName)
      .where({ clustername: clusterName, uid, version })
      .timeout(patienceMs)
      .first('nodes');
    if (!row) return undefined;
    return typeof row.nodes === 'string'
      ? row.nodes
      : JSON.stringify(row.nodes);
  }

  private open(): Knex {
    return knex({
      client: 'pg',
      connection: this.options.connection,
      pool: { min: 0, max: 2 },
      acquireConnectionTimeout: patienceMs,
    });
  }
}
