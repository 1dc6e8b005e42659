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

it('takes a list of locks as a whole, though locks have names', () => {
  expect(
    mergeDefaults({ mutexes: [{ name: 'a' }] }, { mutexes: [{ name: 'b' }] }),
  ).toEqual({ mutexes: [{ name: 'b' }] });
});
