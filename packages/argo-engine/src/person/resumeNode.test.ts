import { nodeId } from '../index';
import { leaf, PlayRun, workflowOf } from '../__testUtils__/playRun';
import { resumeNode } from './resumeNode';

const now = '2026-01-01T00:05:00.000Z';
const approval = {
  name: 'ask',
  suspend: {},
  inputs: {
    parameters: [
      { name: 'answer', default: 'no', enum: ['yes', 'no'] },
      { name: 'reason', value: 'none given' },
    ],
  },
  outputs: {
    parameters: [
      { name: 'answer', globalName: 'verdict', valueFrom: { supplied: {} } },
      { name: 'reason', valueFrom: { supplied: {} } },
      { name: 'fixed', value: 'f' },
    ],
  },
};
const waiting = () => {
  const run = new PlayRun(
    workflowOf([
      { name: 'main', steps: [[{ name: 'a', template: 'ask' }]] },
      approval,
      leaf('leaf'),
    ]),
  );
  run.look();
  run.look();
  return run;
};
const id = nodeId('wf', 'wf[0].a');
const outputsOf = (state: any) =>
  Object.fromEntries(
    state.nodes[id].outputs.parameters.map((item: any) => [
      item.name,
      item.value,
    ]),
  );

describe('resumeNode', () => {
  it('ends the step with what a person supplied; the rest takes its default or the value of its input', () => {
    const { state } = waiting();
    const before = JSON.stringify(state);
    const next = resumeNode(state, id, { parameters: { answer: 'yes' }, now });
    expect(JSON.stringify(state)).toBe(before);
    expect(next.nodes[id]).toMatchObject({
      phase: 'Succeeded',
      finishedAt: now,
    });
    expect(next.nodes[id].message).toBeUndefined();
    expect(outputsOf(next)).toEqual({
      answer: 'yes',
      reason: 'none given',
      fixed: 'f',
    });
    expect(next.nodes[id].outputs!.parameters).not.toContainEqual(
      expect.objectContaining({ valueFrom: expect.anything() }),
    );
    expect(next.outputs).toEqual({
      parameters: [{ name: 'verdict', value: 'yes' }],
    });
    expect(outputsOf(resumeNode(state, id, { now })).answer).toBe('no');
  });

  it('puts a global output in the place of an earlier one of its name, beside the others', () => {
    const { state } = waiting();
    const earlier = {
      ...state,
      outputs: {
        parameters: [
          { name: 'verdict', value: 'old' },
          { name: 'other', value: 'o' },
        ],
      },
    };
    const next = resumeNode(earlier, id, { now });
    expect(next.outputs!.parameters).toEqual([
      { name: 'verdict', value: 'no' },
      { name: 'other', value: 'o' },
    ]);
    const added = resumeNode(
      { ...state, outputs: { parameters: [{ name: 'other', value: 'o' }] } },
      id,
      { now },
    );
    expect(added.outputs!.parameters).toEqual([
      { name: 'other', value: 'o' },
      { name: 'verdict', value: 'no' },
    ]);
  });

  it('ends the step as failed with the words of a no, and leaves what nobody said', () => {
    const { state } = waiting();
    const next = resumeNode(state, id, { fails: true, message: 'no', now });
    expect(next.nodes[id]).toMatchObject({ phase: 'Failed', message: 'no' });
    expect(outputsOf(next)).toMatchObject({ answer: null, reason: null });
    const kept = resumeNode(state, id, { keepsUnset: true, now });
    expect(kept.nodes[id].phase).toBe('Succeeded');
    expect(outputsOf(kept)).toMatchObject({ answer: null, reason: null });
  });

  it('refuses values that are for nothing, or not among the choices', () => {
    const { state } = waiting();
    const give = (parameters: Record<string, string>) => () =>
      resumeNode(state, id, { parameters, now });
    expect(give({ answer: 'maybe' })).toThrow(
      "parameters.answer is 'maybe'; it must be one of yes, no",
    );
    expect(give({ other: '1' })).toThrow(
      "node 'a' has no output 'other' that is supplied by a person",
    );
    expect(give({ fixed: '1' })).toThrow("has no output 'fixed'");
    expect(give({ reason: 'anything' })).not.toThrow();
  });

  it('refuses a node that does not wait, or is none', () => {
    const { state } = waiting();
    expect(() => resumeNode(state, 'wf-1', { now })).toThrow(
      "there is no node 'wf-1'",
    );
    expect(() => resumeNode(state, 'wf', { now })).toThrow(
      "node 'wf' does not wait for a person: it is Running",
    );
    const over = resumeNode(state, id, { now });
    expect(() => resumeNode(over, id, { now })).toThrow('it is Succeeded');
  });
});
