import {
  bytes,
  difference,
  figure,
  nameOf,
  plainFigure,
  withNames,
} from './figures';

it.each([
  [0.98765, '0.988'],
  [1, '1'],
  [1234.56, '1234.6'],
  [0.00002, '2.00e-5'],
  [Number.NaN, 'NaN'],
])('writes %s as %s', (value, text) => {
  expect(figure(value)).toBe(text);
});

it.each([
  [0.6, '0.6'],
  [32.1, '32.1'],
  [0.15000000000000002, '0.15'],
  [0, '0'],
])('writes the tick %s as %s', (value, text) => {
  expect(plainFigure(value)).toBe(text);
});

it('gives differences a sign of equal width, and bytes a unit', () => {
  expect(difference(-0.5)).toBe('−0.500');
  expect(difference(2)).toBe('+2');
  expect(bytes(999)).toBe('999 B');
  expect(bytes(1500)).toBe('1.5 kB');
  expect(nameOf('user:default/jen')).toBe('jen');
});

it('says names where a sentence has references', () => {
  expect(
    withNames(
      'It needs the approval of group:default/reviewers or user:default/rex (CODEOWNERS), see ml-projects/x. user:default/jen.smith asks.',
    ),
  ).toBe(
    'It needs the approval of reviewers or rex (CODEOWNERS), see ml-projects/x. jen.smith asks.',
  );
});
