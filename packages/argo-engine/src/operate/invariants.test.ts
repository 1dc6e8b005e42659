/* What must hold for any run, however its steps end. */
import fc from 'fast-check';
import {
  initialState,
  isTerminal,
  operate,
  planRetry,
  type PodObservation,
  type Workflow,
  type WorkflowState,
} from '../index';

/** A DAG whose tasks depend on earlier ones, some of them loops, some tried again. */
const workflows = fc
  .array(
    fc.record({
      before: fc.array(fc.nat(20), { maxLength: 3 }),
      loop: fc.option(
        fc.array(fc.constantFrom('a', 'b', '1'), { maxLength: 3 }),
      ),
      retries: fc.option(fc.nat(2)),
      when: fc.constantFrom(undefined, 'true', 'false', '1 > 2'),
      continueOn: fc.boolean(),
    }),
    { minLength: 1, maxLength: 7 },
  )
  .map(
    (tasks): Workflow => ({
      metadata: { name: 'wf' },
      spec: {
        entrypoint: 'main',
        templates: [
          {
            name: 'main',
            dag: {
              tasks: tasks.map((task, index) => ({
                name: `t${index}`,
                template:
                  task.retries === null ? 'plain' : `retry${task.retries}`,
                dependencies: [
                  ...new Set(
                    task.before.filter(at => at < index).map(at => `t${at}`),
                  ),
                ],
                ...(task.loop === null ? {} : { withItems: task.loop }),
                ...(task.when === undefined ? {} : { when: task.when }),
                ...(task.continueOn
                  ? { continueOn: { failed: true, error: true } }
                  : {}),
              })),
            },
          },
          { name: 'plain', container: { image: 'i', command: ['c'] } },
          ...[0, 1, 2].map(limit => ({
            name: `retry${limit}`,
            retryStrategy: { limit },
            container: { image: 'i', command: ['c'] },
          })),
        ],
      },
    }),
  );

/** Plays a run whose pods end as the list says; gives every state that it had. */
function play(workflow: Workflow, ends: number[], from = initialState()) {
  const started: string[] = [];
  const states: WorkflowState[] = [];
  const pods: Record<string, PodObservation> = {};
  let state = from;
  let next = 0;
  for (let pass = 0; pass < 200 && !isTerminal(state); pass++) {
    const result = operate({
      workflow,
      state,
      pods,
      now: new Date(pass * 1000).toISOString(),
    });
    state = result.state;
    states.push(state);
    for (const { nodeId } of result.start) {
      started.push(nodeId);
      pods[nodeId] = { nodeId, phase: 'Running' };
    }
    for (const [nodeId, pod] of Object.entries(pods)) {
      if (pod.phase !== 'Running') continue;
      const end = ends[next++ % ends.length];
      if (end === 0) continue;
      pods[nodeId] =
        end === 1
          ? { nodeId, phase: 'Succeeded', exitCode: 0 }
          : { nodeId, phase: 'Failed', exitCode: end };
    }
  }
  return { started, states, state };
}

const ends = fc
  .array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 12 })
  .filter(list => list.some(end => end > 0));

it('comes to an end, starts no node twice, changes nothing that is over', () => {
  fc.assert(
    fc.property(workflows, ends, (workflow, list) => {
      const { started, states, state } = play(workflow, list);
      expect(isTerminal(state)).toBe(true);
      expect(new Set(started).size).toBe(started.length);
      const over = new Map<string, string>();
      for (const { nodes } of states)
        for (const node of Object.values(nodes)) {
          expect(node.phase).toBe(over.get(node.id) ?? node.phase);
          if (!['Pending', 'Running'].includes(node.phase))
            over.set(node.id, node.phase);
        }
      for (const node of Object.values(state.nodes))
        expect(['Pending', 'Running']).not.toContain(node.phase);
    }),
    { numRuns: 300 },
  );
});

it('gives the same tree for the same history, and changes nothing of what it is given', () => {
  fc.assert(
    fc.property(workflows, ends, (workflow, list) => {
      const text = JSON.stringify(workflow);
      expect(play(workflow, list).states).toEqual(play(workflow, list).states);
      expect(JSON.stringify(workflow)).toBe(text);
    }),
    { numRuns: 100 },
  );
});

it('goes on after a retry until everything that can succeed has, without doing again what did', () => {
  fc.assert(
    fc.property(workflows, ends, (workflow, list) => {
      const first = play(workflow, list);
      fc.pre(first.state.phase === 'Failed' || first.state.phase === 'Error');
      const plan = planRetry('wf', first.state, {
        now: new Date(1e9).toISOString(),
      });
      const second = play(workflow, [1], plan.state);
      expect(second.state.phase).toBe('Succeeded');
      const done = plan.kept.filter(
        id => first.state.nodes[id].phase === 'Succeeded',
      );
      expect(done.filter(id => second.started.includes(id))).toEqual([]);
    }),
    { numRuns: 200 },
  );
});
