/*
 * An attempt's working folder goes when the attempt ends. Two portals can leave one: a portal that lost a run without knowing it
 * may lay out a step once more that its successor gave up, and die; or a disk refuses for a while to let a folder go. What the
 * database knows to be over is looked for now and then, and taken away.
 */
import type { LocalStepRunner } from '@backstage-mlops/mlops-executor';
import type { Knex } from 'knex';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';

export interface FolderSweepOptions {
  knex: Knex;
  runner: Pick<LocalStepRunner, 'clear'>;
  /** Holds a folder for each run, which holds one for each attempt. */
  folder: string;
  /** Told of a folder that could not be taken away; the next sweep tries again. */
  onTrouble(run: string, error: Error): void;
}

export class FolderSweep {
  constructor(private readonly options: FolderSweepOptions) {}

  /** Takes away working folders of attempts that are over. Folders that the database does not know are left alone. */
  async sweep(): Promise<void> {
    for (const run of await namesOf(this.options.folder)) {
      const left = (await namesOf(path.join(this.options.folder, run)))
        .map(name => path.join(this.options.folder, run, name))
        .filter(directory => existsSync(path.join(directory, 'fs')));
      if (left.length > 0) await this.sweepRun(run, left);
    }
  }

  private async sweepRun(run: string, directories: string[]): Promise<void> {
    const over = await this.options
      .knex('mlops_step_attempts')
      .where({ run_id: run })
      .whereNot({ state: 'open' })
      .whereIn('directory', directories)
      .pluck('directory');
    const ends = await Promise.allSettled(
      over.map(directory => this.options.runner.clear(directory)),
    );
    for (const end of ends)
      if (end.status === 'rejected') this.options.onTrouble(run, end.reason);
  }
}

// The run may have been removed meanwhile; files lie beside the folders.
async function namesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(
    () => [],
  );
  return entries.filter(entry => entry.isDirectory()).map(({ name }) => name);
}
