import { mergeDefaults, withTemplateDefaults } from './mergeDefaults';

describe('defaults of templates', () => {
  const defaults = {
    timeout: '5s',
    container: { image: 'i' },
    script: { image: 's' },
    dag: { failFast: false },
    suspend: { duration: '1' },
  };

  it.each(['container', 'script', 'dag', 'suspend'] as const)(
    'of a %s count for templates of that kind alone',
    kind => {
      expect(withTemplateDefaults(defaults, { [kind]: {} })).toEqual({
        timeout: '5s',
        [kind]: defaults[kind],
      });
    },
  );

  it('give way to what a template says itself', () => {
    expect(
      withTemplateDefaults(defaults, {
        timeout: '9s',
        container: { image: 'own', args: ['x'] },
      }),
    ).toEqual({ timeout: '9s', container: { image: 'own', args: ['x'] } });
  });
});

it.each([
  'parameters',
  'artifacts',
  'tasks',
  'volumes',
  'initContainers',
  'sidecars',
  'env',
])('merges %s by their names', field => {
  expect(
    mergeDefaults(
      {
        [field]: [
          { name: 'a', x: 1, y: 1 },
          { name: 'b', x: 1 },
        ],
      },
      { [field]: [{ name: 'c' }, { name: 'a', x: 2 }] },
    ),
  ).toEqual({
    [field]: [{ name: 'c' }, { name: 'a', x: 2, y: 1 }, { name: 'b', x: 1 }],
  });
});

it('fills fields of maps and named entries of lists; all else is the own value', () => {
  expect(
    mergeDefaults(
      {
        a: 1,
        m: { x: 1, y: 2 },
        l: [1, 2],
        parameters: [
          { name: 'p', v: 1, w: 1 },
          { name: 'q', v: 2 },
        ],
        mutexes: [{ name: 'd' }],
      },
      {
        a: 0,
        m: { y: 3 },
        l: [9],
        parameters: [{ name: 'p', v: 5 }],
        mutexes: [{ name: 'm' }],
      },
    ),
  ).toEqual({
    a: 0,
    m: { x: 1, y: 3 },
    l: [9],
    parameters: [
      { name: 'p', v: 5, w: 1 },
      { name: 'q', v: 2 },
    ],
    mutexes: [{ name: 'm' }],
  });
  expect(mergeDefaults({ a: 1 }, undefined)).toEqual({ a: 1 });
  expect(mergeDefaults({ a: { b: 1 } }, { a: null })).toEqual({ a: null });
  const env = (theirs: unknown, own: unknown) =>
    mergeDefaults({ env: theirs }, { env: own });
  expect(env([{ name: 'p' }], [])).toEqual({ env: [] });
  expect(env([{ name: 'p' }], [{ v: 1 }])).toEqual({ env: [{ v: 1 }] });
  expect(env(['x'], [{ name: 'p' }])).toEqual({ env: [{ name: 'p' }] });
});
