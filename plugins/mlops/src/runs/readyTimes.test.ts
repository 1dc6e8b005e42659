import { nodeOf, nodesOf } from '../testUtils/samples';
import { readyTimes } from './readyTimes';

const at = (seconds: number) =>
  new Date(Date.parse('2026-01-01T10:00:00Z') + seconds * 1000).toISOString();
const ran = (name: string, from: number, to: number, more = {}) =>
  nodeOf(name, { startedAt: at(from), finishedAt: at(to), ...more });
const readyAt = (nodes: ReturnType<typeof nodesOf>, id: string) => {
  const time = readyTimes(nodes).get(id);
  return time === undefined ? undefined : new Date(time).toISOString();
};

describe('readyTimes', () => {
  it('lets a step begin after the last of those before it', () => {
    const nodes = nodesOf(
      ran('read', 0, 5, { children: ['fit'] }),
      ran('check', 0, 7, { children: ['fit'] }),
      ran('fit', 10, 20),
    );
    expect(readyAt(nodes, 'fit')).toBe(at(7));
  });

  it('lets a step begin as soon as the one that holds it has begun', () => {
    const nodes = nodesOf(
      ran('group', 3, 30, { type: 'TaskGroup', children: ['fit'] }),
      ran('fit', 10, 20),
    );
    expect(readyAt(nodes, 'fit')).toBe(at(3));
  });

  it('lets an attempt begin after the one before it', () => {
    const nodes = nodesOf(
      ran('fit', 0, 20, { type: 'Retry', children: ['fit(0)', 'fit(1)'] }),
      ran('fit(0)', 0, 5),
      ran('fit(1)', 9, 20),
    );
    expect(readyAt(nodes, 'fit(1)')).toBe(at(5));
  });

  it('knows nothing of a step with nothing before it', () => {
    expect(readyAt(nodesOf(ran('read', 0, 5)), 'read')).toBeUndefined();
  });
});
