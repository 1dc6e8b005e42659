import type { NodeStatus } from '@backstage-mlops/argo-engine';
import fc from 'fast-check';
import type { Step } from '../pipelines/stepTree';
import { marksOf, toTimeline } from './timeline';

const at = (seconds: number) => new Date(seconds * 1000).toISOString();
const step = (id: string, from: number, to?: number, more = {}): Step => ({
  id,
  nodeId: id,
  name: id,
  template: 't',
  phase: to === undefined ? 'Running' : 'Succeeded',
  startedAt: at(from),
  ...(to === undefined ? {} : { finishedAt: at(to) }),
  looped: false,
  members: [],
  ...more,
});
const node = (id: string, from: number, more = {}): NodeStatus =>
  ({
    id,
    name: id,
    displayName: id,
    type: 'Pod',
    phase: 'Succeeded',
    children: [],
    startedAt: at(from),
    ...more,
  } as NodeStatus);
const look = (steps: Step[], nodes: NodeStatus[], open: string[] = []) =>
  toTimeline(steps, Object.fromEntries(nodes.map(item => [item.id, item])), {
    now: 100_000,
    open: new Set(open),
  });

describe('the timeline of a run', () => {
  it('counts from the first node; what runs reaches until now', () => {
    const { rows, length } = look(
      [step('a', 10, 20), step('b', 20)],
      [node('a', 10), node('b', 20)],
    );
    expect(rows.map(row => [row.name, row.from, row.to])).toEqual([
      ['a', 0, 10_000],
      ['b', 10_000, 90_000],
    ]);
    expect(length).toBe(90_000);
  });

  it('shows each attempt of a step that was tried again', () => {
    const nodes = [
      node('r', 0, { type: 'Retry', name: 'r', children: ['r0', 'r1'] }),
      node('r0', 0, { name: 'r(0)', phase: 'Failed', finishedAt: at(5) }),
      node('r1', 5, { name: 'r(1)', finishedAt: at(9) }),
    ];
    expect(
      look([step('r', 0, 9)], nodes).rows.map(row => [
        row.attempt,
        row.phase,
        row.from,
        row.to,
      ]),
    ).toEqual([
      [undefined, 'Succeeded', 0, 9000],
      [1, 'Failed', 0, 5000],
      [2, 'Succeeded', 5000, 9000],
    ]);
  });

  it('folds a long loop into one row with counts; failed rounds stay in sight', () => {
    const rounds = Array.from({ length: 100 }, (_, i) =>
      step(`n${i}`, i, i + 1, {
        name: 'fit',
        looped: true,
        phase: i % 33 === 1 ? 'Failed' : 'Succeeded',
      }),
    );
    const nodes = rounds.map((_, i) => node(`n${i}`, i));
    const folded = look(rounds, nodes).rows;
    expect(folded).toHaveLength(4);
    expect(folded[0]).toMatchObject({
      name: 'fit',
      from: 0,
      to: 100_000,
      phase: 'Failed',
      loop: { counts: { Failed: 3, Succeeded: 97 }, open: false },
    });
    expect(look(rounds, nodes, ['loop of n0']).rows).toHaveLength(101);
  });

  it('leaves out what never began', () => {
    expect(
      look([step('a', 0, 1), step('b', 0, 0, { phase: 'Skipped' })], []).rows,
    ).toHaveLength(1);
  });

  it('has at most six round marks, from 0 on, none beyond the end', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 * 86_400_000 }), length => {
        const marks = marksOf(length);
        expect(marks[0]).toBe(0);
        expect(marks.length).toBeLessThanOrEqual(6);
        expect(Math.max(...marks)).toBeLessThanOrEqual(length);
        const gaps = marks.slice(1).map((mark, i) => mark - marks[i]);
        expect(new Set(gaps).size).toBeLessThanOrEqual(1);
      }),
    );
  });
});
