import { planName, shortName } from './round';

it('takes the item off the name of a round, line ends too', () => {
  expect(planName('fit(0:a\nb)')).toBe('fit');
  expect(planName('fit')).toBe('fit');
});

it.each([
  ['fit(0:l2:0.1,name:small)', 'fit small'],
  ['fit(4:l2:0.1,rate:0.2)', 'fit 5'],
  ['fit', 'fit'],
])('shows %s as %s', (displayName, name) => {
  expect(shortName(displayName)).toBe(name);
});
