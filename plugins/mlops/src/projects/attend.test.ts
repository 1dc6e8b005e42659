import { lastRunOf, projectOf } from '../testUtils/samples';
import { byAttention, filterProjects, troubleOf } from './attend';

const faulty = projectOf({ name: 'torn', state: 'faulty' });
const failed = projectOf({ name: 'broken', lastRun: lastRunOf('Error') });
const running = projectOf({ name: 'busy', lastRun: lastRunOf('Running') });
const calm = projectOf({ name: 'calm', lastRun: lastRunOf('Succeeded') });
const fresh = projectOf({
  name: 'fresh',
  owner: 'group:default/zoo',
  tags: ['Vision'],
  models: [{ name: 'm', title: 'Leaf kind', history: [] }],
});
const all = [calm, fresh, running, failed, faulty];

function namesOf(filter: Parameters<typeof filterProjects>[1]) {
  return filterProjects(all, filter).map(({ name }) => name);
}

it('puts faulty files first, then failed runs, then what runs, then the rest by title', () => {
  expect(byAttention(all).map(({ name }) => name)).toEqual([
    'torn',
    'broken',
    'busy',
    'calm',
    'fresh',
  ]);
});

it('calls an error of the portal a failed run, and a running run no trouble', () => {
  expect(troubleOf(failed)).toBe('failed');
  expect(troubleOf(faulty)).toBe('faulty');
  expect(troubleOf(running)).toBeUndefined();
});

it('takes a run that a person stopped for no trouble and for no failure', () => {
  const stopped = projectOf({
    lastRun: lastRunOf('Failed', "Stopped with strategy 'Stop'"),
  });
  const found = (state: string) =>
    filterProjects([stopped], { text: '', state });
  expect(troubleOf(stopped)).toBeUndefined();
  expect(found('Failed')).toEqual([]);
  expect(found('Stopped')).toEqual([stopped]);
});

describe('filterProjects', () => {
  it('wants every word somewhere: in tags and titles of models too', () => {
    expect(namesOf({ text: 'leaf VISION' })).toEqual(['fresh']);
    expect(namesOf({ text: 'leaf absent' })).toEqual([]);
  });

  it('counts a run that waits among those that run', () => {
    const waits = projectOf({ lastRun: lastRunOf('Pending') });
    expect(filterProjects([waits], { text: '', state: 'Running' })).toEqual([
      waits,
    ]);
  });

  it('filters by owner', () => {
    expect(namesOf({ text: '', owner: 'group:default/zoo' })).toEqual([
      'fresh',
    ]);
  });

  it.each([
    ['Failed', ['broken']],
    ['Running', ['busy']],
    ['never', ['fresh', 'torn']],
    ['faulty', ['torn']],
  ])('filters by state %s', (state, names) => {
    expect(namesOf({ text: '', state })).toEqual(names);
  });
});
