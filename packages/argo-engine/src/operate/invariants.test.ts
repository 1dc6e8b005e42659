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

/** Templates that call each other, with limits that hold back or give up what is not begun. */
const limited = fc
  .array(
    fc.record({
      kind: fc.constantFrom('steps', 'dag'),
      parallelism: fc.option(fc.integer({ min: 1, max: 2 })),
      failFast: fc.constantFrom(undefined, true, false),
      retries: fc.option(fc.nat(1)),
      members: fc.array(
        fc.record({
          calls: fc.nat(4),
          loop: fc.boolean(),
          after: fc.boolean(),
          hook: fc.boolean(),
        }),
        { minLength: 1, maxLength: 3 },
      ),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .chain(templates =>
    fc.record({
      templates: fc.constant(templates),
      parallelism: fc.option(fc.constant(1)),
      onExit: fc.boolean(),
    }),
  )
  .map(({ templates, parallelism, onExit }): Workflow => {
    const nameOf = (index: number) =>
      index < templates.length ? `t${index}` : 'plain';
    return {
      metadata: { name: 'wf' },
      spec: {
        entrypoint: 't0',
        ...(onExit ? { onExit: 'plain' } : {}),
        ...(parallelism === null ? {} : { parallelism }),
        templates: [
          ...templates.map((item, index) => {
            const members = item.members.map((member, at) => ({
              name: `m${at}`,
              // A template calls only those after it.
              template: nameOf(index + 1 + member.calls),
              ...(member.loop ? { withItems: ['a', 'b', 'c'] } : {}),
              ...(member.hook
                ? { hooks: { exit: { template: 'plain' } } }
                : {}),
              ...(item.kind === 'dag' && member.after && at > 0
                ? { depends: `m${at - 1}` }
                : {}),
            }));
            return {
              name: nameOf(index),
              ...(item.parallelism === null
                ? {}
                : { parallelism: item.parallelism }),
              ...(item.failFast === undefined
                ? {}
                : { failFast: item.failFast }),
              ...(item.retries === null
                ? {}
                : { retryStrategy: { limit: item.retries } }),
              ...(item.kind === 'dag'
                ? { dag: { tasks: members } }
                : { steps: members.map(member => [member]) }),
            };
          }),
          { name: 'plain', container: { image: 'i', command: ['c'] } },
        ],
      },
    };
  });

/** Plays a run that is looked at only when a pod moved or the engine asked for it; gives the last state. */
function playAwake(workflow: Workflow, list: number[]): WorkflowState {
  const pods: Record<string, PodObservation> = {};
  let state = initialState();
  let next = 0;
  for (let pass = 0; pass < 1000 && !isTerminal(state); pass++) {
    const result = operate({
      workflow,
      state,
      pods,
      now: new Date(pass * 1000).toISOString(),
    });
    state = result.state;
    for (const { nodeId } of result.start)
      pods[nodeId] = { nodeId, phase: 'Running' };
    if (result.requeueAt) continue;
    const running = Object.values(pods).find(pod => pod.phase === 'Running');
    if (!running) break;
    const exitCode = list[next++ % list.length];
    pods[running.nodeId] = {
      nodeId: running.nodeId,
      phase: exitCode === 0 ? 'Succeeded' : 'Failed',
      exitCode,
    };
  }
  return state;
}

it('is never left waiting for nothing, whatever limits hold it back', () => {
  fc.assert(
    fc.property(
      limited,
      fc.array(fc.nat(1), { minLength: 1, maxLength: 9 }),
      (workflow, list) => {
        expect(isTerminal(playAwake(workflow, list))).toBe(true);
      },
    ),
    { numRuns: 100 },
  );
});
