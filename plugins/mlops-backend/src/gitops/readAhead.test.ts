import { readAhead } from './readAhead';

const settle = () => new Promise(resolve => setImmediate(resolve));

it('gives all items in order, and begins no more than it may', async () => {
  const begun: number[] = [];
  const seen: string[] = [];
  const read = (item: number) => {
    begun.push(item);
    return item === 2 ? undefined : Promise.resolve(`read ${item}`);
  };
  for await (const [item, found] of readAhead([0, 1, 2, 3, 4, 5], 2, read)) {
    expect(begun).toEqual([0, 1, 2, 3, 4, 5].slice(0, item + 3));
    seen.push(`${item}: ${found}`);
  }
  expect(seen).toEqual([
    ...['0: read 0', '1: read 1', '2: undefined', '3: read 3'],
    ...['4: read 4', '5: read 5'],
  ]);
});

it('tells a fault when its turn comes, and none of items that nobody waits for', async () => {
  const seen: number[] = [];
  const all = async () => {
    for await (const [item] of readAhead([0, 1, 2], 2, async at => {
      if (at > 0) throw new Error(`no ${at}`);
    }))
      seen.push(item);
  };
  await expect(all()).rejects.toThrow('no 1');
  await settle();
  expect(seen).toEqual([0]);
});
