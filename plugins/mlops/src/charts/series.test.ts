import { placesOf, rangeOf, styleOf, valueAt } from './series';

const series = [
  {
    name: 'a',
    points: [
      { x: 1, y: 5 },
      { x: 3, y: 4 },
    ],
  },
  { name: 'b', points: [{ x: 2, y: 9 }] },
];

it('puts the places of all lines in one order', () => {
  expect(placesOf([...series].reverse())).toEqual([1, 2, 3]);
});

it('has no value of a line between its points', () => {
  expect(valueAt(series[0], 3)).toBe(4);
  expect(valueAt(series[0], 2)).toBeUndefined();
});

it('opens a range around equal values, zero too', () => {
  const [low, high] = rangeOf([4, 4]);
  expect(low).toBeLessThan(4);
  expect(high).toBeGreaterThan(4);
  expect(rangeOf([0])).toEqual([-0.5, 0.5]);
  expect(rangeOf([3, -1, 2])).toEqual([-1, 3]);
});

it('tells forty lines apart by colour and dashes together', () => {
  const styles = Array.from({ length: 40 }, (_, i) =>
    JSON.stringify(styleOf(i)),
  );
  expect(new Set(styles).size).toBe(40);
});
