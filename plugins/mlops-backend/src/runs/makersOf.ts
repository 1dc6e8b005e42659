/*
 * Which runs made the artifacts that a run works with. A stage that a cache gave, or that was taken over from an earlier run, keeps
 * the bytes where they were made: the key of an artifact names its maker.
 */
import type { Knex } from 'knex';

const keyOfMaker = /"workflows\/([^/"\\]+)\//g;
const rowsAtOnce = 100;

/** For each of the runs, the other runs whose artifacts its nodes name. */
export async function makersOf(
  knex: Knex,
  runs: string[],
): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for (let at = 0; at < runs.length; at += rowsAtOnce) {
    const rows: { id: string; state: string }[] = await knex('mlops_runs')
      .whereIn('id', runs.slice(at, at + rowsAtOnce))
      .select('id', 'state');
    for (const { id, state } of rows)
      found.set(id, [
        ...new Set(
          [...state.matchAll(keyOfMaker)]
            .map(([, maker]) => maker)
            .filter(maker => maker !== id),
        ),
      ]);
  }
  return found;
}
