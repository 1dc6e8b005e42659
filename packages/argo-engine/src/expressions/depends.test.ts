import { dependsTasks, evaluateDepends, parseDepends } from './depends';

/** Evaluates with the tasks and results that hold. */
const holds = (text: string, ...facts: string[]) =>
  evaluateDepends(parseDepends(text), (task, result) =>
    facts.includes(result ? `${task}.${result}` : task),
  );

describe('parseDepends', () => {
  it('binds ! before && before ||, by signs or words', () => {
    expect(holds('a || b && c', 'a')).toBe(true);
    expect(holds('(a || b) && c', 'a')).toBe(false);
    expect(holds('a or b and c', 'a')).toBe(true);
    expect(holds('not a', 'b')).toBe(true);
    expect(holds('!a && b', 'b')).toBe(true);
    expect(holds('!a && b', 'a', 'b')).toBe(false);
    expect(holds('!(a || b)', 'b')).toBe(false);
    expect(holds('a.Failed && t-1.AnySucceeded', 'a.Failed')).toBe(false);
    expect(
      holds('a.Failed && t-1.AnySucceeded', 'a.Failed', 't-1.AnySucceeded'),
    ).toBe(true);
  });

  it.each([
    ['a &&', "'a &&': a task is missing at the end"],
    ['a && )', "a task is missing before ')'"],
    ['|| a', "a task is missing before '||'"],
    ['(a', "')' is missing"],
    ['a b', "'b' is not expected"],
    ['a $ b', "'$' is not expected"],
    ['$', "'$' is not expected"],
    ['a.Finished', "task result 'Finished' for task 'a' is invalid"],
    ['a'.repeat(20_001), 'longer than 20000 characters'],
    [`${'('.repeat(501)}a${')'.repeat(501)}`, 'nested too deeply'],
    [`${'!'.repeat(501)}a`, 'nested too deeply'],
  ])('refuses %s', (text, reason) => {
    expect(() => parseDepends(text)).toThrow(reason);
  });

  it.each(
    'Succeeded Failed Errored Skipped Omitted Daemoned AnySucceeded AllFailed'.split(
      ' ',
    ),
  )('knows the result %s', result => {
    expect(holds(`a.${result}`, `a.${result}`)).toBe(true);
    expect(holds(`a.${result}`, 'a')).toBe(false);
  });

  it('takes what is as long and as deep as is allowed', () => {
    expect(dependsTasks('a'.repeat(20_000))).toHaveLength(1);
    expect(holds(`${'('.repeat(500)}a${')'.repeat(500)}`, 'a')).toBe(true);
    expect(holds(`${'!'.repeat(500)}a`, 'a')).toBe(true);
  });

  it('names the tasks once each, and none of what cannot be read', () => {
    expect(dependsTasks('a && !b.Failed || a.Skipped')).toEqual(['a', 'b']);
    expect(dependsTasks('a &&')).toEqual([]);
  });
});
