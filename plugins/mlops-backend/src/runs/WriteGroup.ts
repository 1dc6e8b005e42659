/*
 * Writes of many runs in one transaction. A file of SQLite has one writer, and what a write costs there is the wait for the disk at
 * its end: so what comes while others are written waits, and is then written with one such wait for all of it. A run asks for one
 * write at a time, so there are never more than runs. On a server each is written at once, on a connection of its own.
 */
import type { Knex } from 'knex';
import { isDatabaseTrouble } from '../isDatabaseTrouble';
import { LeaseLostError } from './Leases';

type Work = (trx: Knex.Transaction) => Promise<void>;

interface Waiting {
  work: Work;
  done(error?: Error): void;
}

const mostTogether = 100;
/** Milliseconds for which more is waited for. */
const gatherMs = 50;

export class WriteGroup {
  private readonly waiting: Waiting[] = [];
  private writing = false;

  constructor(private readonly knex: Knex) {}

  /** Does the work in a transaction. It may throw LeaseLostError before it has written anything; the others' is done all the same. */
  async write(work: Work): Promise<void> {
    if (this.knex.client.config.client === 'pg')
      return this.knex.transaction(work);
    return new Promise((resolve, reject) => {
      this.waiting.push({
        work,
        done: error => (error ? reject(error) : resolve()),
      });
      if (!this.writing) this.writeAll();
    });
  }

  private async writeAll(): Promise<void> {
    this.writing = true;
    while (this.waiting.length > 0) {
      await new Promise(resolve => setTimeout(resolve, gatherMs));
      await this.writeSome(this.waiting.splice(0, mostTogether));
    }
    this.writing = false;
  }

  private async writeSome(some: Waiting[]): Promise<void> {
    try {
      const faults = await this.knex.transaction(async trx => {
        const met: (LeaseLostError | undefined)[] = [];
        for (const { work } of some) met.push(await faultOf(work(trx)));
        return met;
      });
      some.forEach(({ done }, index) => done(faults[index]));
    } catch (error) {
      // What one of them cannot write keeps the others from nothing.
      if (some.length > 1 && !isDatabaseTrouble(error))
        for (const one of some) await this.writeSome([one]);
      else some.forEach(({ done }) => done(error as Error));
    }
  }
}

async function faultOf(
  work: Promise<void>,
): Promise<LeaseLostError | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (error instanceof LeaseLostError) return error;
    throw error;
  }
}
