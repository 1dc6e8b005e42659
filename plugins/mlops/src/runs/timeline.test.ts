import type { NodeStatus } from '@backstage-mlops/argo-engine';
import fc from 'fast-check';
import { toStepTree, type Step } from '../pipelines/stepTree';
import { graphOf, nodeOf, nodesOf } from '../testUtils/samples';
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
const attempt = (
  displayName: string,
  from: number,
  to: number,
  phase: NodeStatus['phase'],
) =>
  nodeOf(displayName, {
    phase,
    nodeFlag: { retried: true },
    startedAt: at(from),
    finishedAt: at(to),
  });
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

  it('shows each attempt of a step that was tried again, and what it waited for it', () => {
    const nodes = nodesOf(
      nodeOf('r', {
        type: 'Retry',
        children: ['r(0)', 'r(1)'],
        startedAt: at(0),
        finishedAt: at(12),
      }),
      attempt('r(0)', 0, 5, 'Failed'),
      attempt('r(1)', 8, 12, 'Succeeded'),
    );
    nodes['train-1'].startedAt = at(0);
    const { steps } = toStepTree(graphOf({ name: 'r' }), nodes);
    const { rows } = toTimeline(steps, nodes, {
      now: 100_000,
      open: new Set(),
    });
    expect(
      rows.map(row => [row.nodeId, row.attempt, row.phase, row.depth]),
    ).toEqual([
      ['r(1)', undefined, 'Succeeded', 0],
      ['r(0)', 1, 'Failed', 1],
      ['r(1)', 2, 'Succeeded', 1],
    ]);
    expect(rows[2]).toMatchObject({ waitsFrom: 5000, from: 8000, to: 12_000 });
  });

  it('takes a step that is made but does not run for waiting until now', () => {
    const { rows } = look(
      [step('a', 10, undefined, { phase: 'Pending' })],
      [node('a', 10), node('first', 0)],
    );
    expect(rows[0]).toMatchObject({ waitsFrom: 10_000, to: 100_000 });
    expect(rows[0].from).toBe(rows[0].to);
  });

  it('keeps the chosen round of a folded loop in sight', () => {
    const rounds = Array.from({ length: 11 }, (_, i) =>
      step(`n${i}`, i, i + 1, { name: 'fit', looped: true }),
    );
    const nodes = Object.fromEntries(
      rounds.map(({ id }, i) => [id, node(id, i)]),
    );
    const { rows } = toTimeline(rounds, nodes, {
      now: 0,
      open: new Set(),
      chosen: 'n7',
    });
    expect(rows.map(row => row.nodeId)).toEqual([undefined, 'n7']);
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

  it('keeps every bar within the axis, in the order of the steps, at any time', () => {
    const phase = fc.constantFrom<NodeStatus['phase']>(
      'Pending',
      'Running',
      'Succeeded',
      'Failed',
      'Error',
      'Skipped',
      'Omitted',
    );
    const times = fc.record({
      from: fc.integer({ min: 0, max: 5000 }),
      took: fc.option(fc.integer({ min: -50, max: 5000 }), { nil: undefined }),
      phase,
      looped: fc.boolean(),
      after: fc.boolean(),
    });
    const many = fc.array(times, { maxLength: 40 });
    // A reader's clock may be behind that of the portal.
    fc.assert(
      fc.property(many, fc.integer({ min: 0, max: 10_000 }), (all, clock) => {
        const steps = all.map(({ from, took, phase: state, looped }, i) =>
          step(`n${i}`, from, took === undefined ? took : from + took, {
            phase: state,
            looped,
            ...(looped ? { name: 'fit' } : {}),
          }),
        );
        const nodes = steps.map((one, i) =>
          node(one.id, all[i].from, {
            finishedAt: one.finishedAt,
            children: all[i + 1]?.after ? [`n${i + 1}`] : [],
          }),
        );
        const known = Object.fromEntries(nodes.map(one => [one.id, one]));
        const options = { now: clock * 1000, open: new Set<string>() };
        const { rows, length } = toTimeline(steps, known, options);
        for (const { waitsFrom, from, to } of rows) {
          expect(waitsFrom).toBeGreaterThanOrEqual(0);
          expect(from).toBeGreaterThanOrEqual(waitsFrom);
          expect(to).toBeGreaterThanOrEqual(from);
          expect(to).toBeLessThanOrEqual(length);
        }
        const places = rows.flatMap(({ nodeId }) =>
          nodeId ? [Number(nodeId.slice(1))] : [],
        );
        expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
      }),
    );
  });
});
