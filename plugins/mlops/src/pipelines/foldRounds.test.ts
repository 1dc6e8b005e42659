import fc from 'fast-check';
import type { ShownPhase } from '../ui/State';
import { countPhases, foldRounds, mostRounds } from './foldRounds';
import type { Step } from './stepTree';

const round = (id: string, phase: ShownPhase, more = {}): Step => ({
  id,
  nodeId: id,
  name: 'fit',
  template: 'fit',
  phase,
  looped: true,
  members: [],
  ...more,
});
const rounds = (count: number, phase: (i: number) => ShownPhase) =>
  Array.from({ length: count }, (_, i) => round(`n${i}`, phase(i)));
const loopIn = (steps: Step[], chosen?: string) => {
  const [entry, ...others] = foldRounds(steps, chosen);
  if (entry.kind !== 'loop') throw new Error('The loop is not folded.');
  expect(others).toEqual([]);
  return { ...entry, kept: entry.kept.map(({ id }) => id) };
};

describe('foldRounds', () => {
  it('leaves a loop of ten rounds as it is and folds one of eleven', () => {
    const entries = foldRounds(rounds(mostRounds, () => 'Succeeded'));
    expect(entries.map(({ kind }) => kind)).toEqual(
      Array.from({ length: 10 }, () => 'step'),
    );
    expect(loopIn(rounds(11, () => 'Succeeded')).kept).toEqual([]);
  });

  it('counts the rounds, what went well first, and keeps those that failed in sight', () => {
    const loop = loopIn(
      rounds(100, i => {
        if (i === 99) return 'Running';
        return i % 33 === 1 ? 'Failed' : 'Succeeded';
      }),
    );
    expect(Object.entries(loop.counts)).toEqual([
      ['Succeeded', 96],
      ['Failed', 3],
      ['Running', 1],
    ]);
    expect(loop.phase).toBe('Failed');
    expect(loop.kept).toEqual(['n1', 'n34', 'n67']);
  });

  it('shows at most twenty of those that failed', () => {
    const loop = loopIn(rounds(300, () => 'Error'));
    expect(loop.kept).toHaveLength(20);
    expect(loop.counts).toEqual({ Error: 300 });
  });

  it('keeps the round with the chosen node in sight, however deep it stands', () => {
    const all = rounds(12, () => 'Succeeded');
    all[4] = round('n4', 'Succeeded', {
      members: [round('inner', 'Succeeded', { looped: false })],
    });
    all[6] = round('n6', 'Succeeded', {
      attempts: [round('first try', 'Failed', { looped: false })],
    });
    expect(loopIn(all, 'inner').kept).toEqual(['n4']);
    expect(loopIn(all, 'first try').kept).toEqual(['n6']);
  });

  it('loses no step and counts each once', () => {
    const phases = fc.constantFrom<ShownPhase>(
      'Succeeded',
      'Failed',
      'Running',
      'Planned',
      'Omitted',
    );
    const step = fc.tuple(
      phases,
      fc.boolean(),
      fc.constantFrom('fit', 'judge'),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), all => {
        const steps = all.map(([phase, looped, name], i) =>
          round(`n${i}`, phase, { looped, name }),
        );
        const seen = foldRounds(steps).flatMap(entry =>
          entry.kind === 'loop' ? entry.rounds : [entry.step],
        );
        expect(seen).toEqual(steps);
        const sum = Object.values(countPhases(steps)).reduce(
          (a, b) => a + b,
          0,
        );
        expect(sum).toBe(steps.length);
      }),
    );
  });
});
