import { soonerWhileEmpty } from './soonerWhileEmpty';

const everyMs = 10;

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(resolve => setTimeout(resolve, everyMs));
}

describe('a collation of a portal that begins empty', () => {
  it('is run as soon as there is something to find, and then as its schedule says', async () => {
    const answers = [
      async () => false,
      async () => Promise.reject(new Error('not up yet')),
      async () => true,
    ];
    let looks = 0;
    const collations: string[] = [];
    const collated = {
      isEmpty: true,
      canFind: () => answers[Math.min(looks++, 2)](),
    };
    const scheduled: string[] = [];
    const runner = soonerWhileEmpty(
      { run: async ({ id }) => void scheduled.push(id) },
      collated,
      everyMs,
    );
    await runner.run({
      id: 'index',
      fn: async () => {
        collations.push('sooner');
        collated.isEmpty = false;
      },
    });
    expect(scheduled).toEqual(['index']);
    await until(() => collations.length > 0);
    const looked = looks;
    await new Promise(resolve => setTimeout(resolve, 10 * everyMs));
    expect([looked, looks, collations]).toEqual([3, 3, ['sooner']]);
  }, 60_000);
});
