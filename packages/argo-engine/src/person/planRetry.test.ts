import {
  initialState,
  nodeId,
  operate,
  type PodObservation,
  type WorkflowState,
} from '../index';
import { planRetry } from './planRetry';

const now = '2026-01-01T00:10:00.000Z';
const leaf = (name: string, extra = {}) => ({
  name,
  container: { image: 'busybox', command: ['true'] },
  ...extra,
});
const id = (name: string) => nodeId('wf', name);

/** Plays a workflow to its end; pods whose name is in `failing` fail. */
function play(spec: any, failing: string[], from = initialState()) {
  let state: WorkflowState = from;
  const pods: Record<string, PodObservation> = {};
  const started: string[] = [];
  const workflow: any = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: { name: 'wf' },
    spec,
  };
  for (let pass = 0; pass < 20; pass += 1) {
    const result = operate({ workflow, state, pods, now });
    state = result.state;
    for (const { nodeId: pod, nodeName } of result.start) {
      started.push(nodeName);
      const fails = failing.includes(nodeName);
      pods[pod] = {
        nodeId: pod,
        phase: fails ? 'Failed' : 'Succeeded',
        exitCode: fails ? 1 : 0,
        finishedAt: now,
      };
    }
  }
  return { state, started };
}

const chain = {
  entrypoint: 'main',
  templates: [
    {
      name: 'main',
      steps: [
        [{ name: 'a', template: 'leaf' }],
        [
          { name: 'b', template: 'leaf' },
          { name: 'c', template: 'leaf' },
        ],
        [{ name: 'd', template: 'leaf' }],
      ],
    },
    leaf('leaf'),
  ],
};
const diamond = {
  entrypoint: 'main',
  onExit: 'leaf',
  templates: [
    {
      name: 'main',
      dag: {
        tasks: [
          { name: 'a', template: 'leaf' },
          { name: 'b', template: 'leaf', depends: 'a' },
          { name: 'c', template: 'leaf', depends: 'a' },
          { name: 'd', template: 'leaf', depends: 'b && c' },
        ],
      },
    },
    leaf('leaf'),
  ],
};

describe('planRetry', () => {
  it('runs the failed step again and keeps those beside and before it', () => {
    const { state } = play(chain, ['wf[1].b']);
    expect(state.phase).toBe('Failed');
    const plan = planRetry('wf', state, { now });
    expect(plan.again).toEqual([id('wf[1].b')]);
    expect(plan.kept.sort()).toEqual([id('wf[0].a'), id('wf[1].c')].sort());
    expect(plan.state.phase).toBe('Running');
    expect(plan.state.nodes[id('wf[1]')]).toMatchObject({
      phase: 'Running',
      startedAt: now,
      children: [id('wf[1].c')],
    });
    expect(plan.state.nodes[id('wf[1]')].message).toBeUndefined();
    expect(plan.state.nodes[id('wf[0]')].phase).toBe('Succeeded');
    const after = play(chain, [], plan.state);
    expect(after.started).toEqual(['wf[1].b', 'wf[2].d']);
    expect(after.state.phase).toBe('Succeeded');
  });

  it('decides what was omitted anew, and the exit handler too', () => {
    const { state, started } = play(diamond, ['wf.b']);
    expect(started).toEqual(['wf.a', 'wf.b', 'wf.c', 'wf.onExit']);
    const plan = planRetry('wf', state, { now });
    expect(plan.again.sort()).toEqual([id('wf.b'), id('wf.onExit')].sort());
    expect(plan.state.nodes[id('wf.d')]).toBeUndefined();
    expect(plan.state.nodes.wf).toMatchObject({ phase: 'Running' });
    expect(plan.state.nodes.wf.finishedAt).toBeUndefined();
    expect(plan.state.nodes.wf.outboundNodes).toBeUndefined();
    const after = play(diamond, [], plan.state);
    expect(after.started).toEqual(['wf.b', 'wf.d', 'wf.onExit']);
    expect(after.state.phase).toBe('Succeeded');
  });

  it('runs a named step again with all that comes after it', () => {
    const { state } = play(chain, []);
    const plan = planRetry('wf', state, { now, nodes: [id('wf[1].b')] });
    expect(plan.again.sort()).toEqual([id('wf[1].b'), id('wf[2].d')].sort());
    const after = play(chain, [], plan.state);
    expect(after.started).toEqual(['wf[1].b', 'wf[2].d']);
    expect(after.state.phase).toBe('Succeeded');
  });

  it('begins the attempts of a step from the first', () => {
    const spec = {
      entrypoint: 'main',
      templates: [leaf('main', { retryStrategy: { limit: 1 } })],
    };
    const { state } = play(spec, ['wf(0)', 'wf(1)']);
    expect(state.phase).toBe('Failed');
    const plan = planRetry('wf', state, { now });
    expect(plan.again.sort()).toEqual([id('wf(0)'), id('wf(1)')].sort());
    expect(play(spec, [], plan.state).started).toEqual(['wf(0)']);
  });

  it('keeps attempts that failed before one that succeeded', () => {
    const spec = {
      ...chain,
      templates: [
        chain.templates[0],
        leaf('leaf', { retryStrategy: { limit: 1 } }),
      ],
    };
    const { state } = play(spec, ['wf[0].a(0)', 'wf[2].d(0)', 'wf[2].d(1)']);
    const plan = planRetry('wf', state, { now });
    expect(plan.kept).toContain(id('wf[0].a(0)'));
    expect(plan.again.sort()).toEqual(
      [id('wf[2].d(0)'), id('wf[2].d(1)')].sort(),
    );
  });

  describe('of templates that are tried again as a whole', () => {
    const spec = {
      entrypoint: 'main',
      templates: [
        {
          name: 'main',
          dag: {
            tasks: [
              { name: 't', template: 'inner' },
              { name: 'u', template: 'leaf', depends: 't' },
            ],
          },
        },
        {
          name: 'inner',
          retryStrategy: { limit: 1 },
          steps: [
            [{ name: 'a', template: 'leaf' }],
            [{ name: 'b', template: 'twice' }],
          ],
        },
        leaf('leaf'),
        leaf('twice', { retryStrategy: { limit: 1 } }),
      ],
    };
    const attempts = (step: string) =>
      [0, 1].flatMap(outer =>
        [0, 1].map(inner => `wf.t(${outer})${step}(${inner})`),
      );
    const retried = (failing: string[], nodes?: string[]) => {
      const { state } = play(spec, failing);
      const plan = planRetry('wf', state, { now, nodes });
      const names = plan.again.map(item => state.nodes[item].name).sort();
      return { names, ...play(spec, [], plan.state) };
    };

    it('goes on in the last attempt; those before are history', () => {
      const { names, started, state } = retried(attempts('[1].b'));
      expect(names).toEqual(['wf.t(1)[1].b(0)', 'wf.t(1)[1].b(1)']);
      expect(started).toEqual(['wf.t(1)[1].b(0)', 'wf.u']);
      expect(state.phase).toBe('Succeeded');
      expect(state.nodes[id('wf.t(0)')].phase).toBe('Failed');
    });

    it('leaves them alone when a later step failed', () => {
      const { names, started, state } = retried(['wf.t(0)[0].a', 'wf.u']);
      expect(names).toEqual(['wf.u']);
      expect(started).toEqual(['wf.u']);
      expect(state.phase).toBe('Succeeded');
    });

    it('runs what comes after them when a step in them is named', () => {
      const { names, started, state } = retried(
        ['wf.t(0)[0].a'],
        [id('wf.t(1)[1].b')],
      );
      expect(names).toEqual(['wf.t(1)[1].b(0)', 'wf.u']);
      expect(started).toEqual(['wf.t(1)[1].b(0)', 'wf.u']);
      expect(state.phase).toBe('Succeeded');
    });

    it('runs their exit hook again too, and what waited for that', () => {
      const [main, ...others] = spec.templates as Record<string, any>[];
      const [t, u] = main.dag.tasks;
      const hooked = {
        ...spec,
        templates: [
          {
            ...main,
            dag: {
              tasks: [{ ...t, hooks: { exit: { template: 'leaf' } } }, u],
            },
          },
          ...others,
        ],
      };
      const { state } = play(hooked, []);
      const nodes = [id('wf.t(0)[1].b')];
      const plan = planRetry('wf', state, { now, nodes });
      const after = play(hooked, [], plan.state);
      expect([...after.started].sort()).toEqual([
        'wf.t(0)[1].b(0)',
        'wf.t.onExit',
        'wf.u',
      ]);
      expect(after.state.phase).toBe('Succeeded');
    });

    it('begins from the first when a step of an earlier attempt is named', () => {
      const { started, state } = retried(
        ['wf.t(0)[0].a'],
        [id('wf.t(0)[0].a')],
      );
      expect(started).toEqual(['wf.t(0)[0].a', 'wf.t(0)[1].b(0)', 'wf.u']);
      expect(state.phase).toBe('Succeeded');
    });
  });

  it('runs the exit hook of a step again whose inner step failed, and the loop item that failed alone', () => {
    const spec = {
      entrypoint: 'main',
      templates: [
        {
          name: 'main',
          dag: {
            tasks: [
              {
                name: 't',
                template: 'inner',
                hooks: { exit: { template: 'leaf' } },
              },
              { name: 'l', template: 'leaf', withItems: ['x', 'y'] },
              { name: 'u', template: 'leaf', depends: 't && l' },
            ],
          },
        },
        { name: 'inner', steps: [[{ name: 'a', template: 'leaf' }]] },
        leaf('leaf'),
      ],
    };
    const { state } = play(spec, ['wf.t[0].a', 'wf.l(1:y)']);
    const plan = planRetry('wf', state, { now });
    const after = play(spec, [], plan.state);
    expect([...after.started].sort()).toEqual([
      'wf.l(1:y)',
      'wf.t.onExit',
      'wf.t[0].a',
      'wf.u',
    ]);
    expect(after.state.phase).toBe('Succeeded');
  });

  it('runs the exit hook of a step again that failed, but not the step, which succeeded', () => {
    const spec = {
      ...chain,
      templates: [
        {
          name: 'main',
          steps: [
            [
              {
                name: 'a',
                template: 'leaf',
                hooks: { exit: { template: 'leaf' } },
              },
            ],
            [{ name: 'b', template: 'leaf' }],
          ],
        },
        leaf('leaf'),
      ],
    };
    const { state } = play(spec, ['wf[0].a.onExit', 'wf[1].b']);
    const plan = planRetry('wf', state, { now });
    const after = play(spec, [], plan.state);
    expect([...after.started].sort()).toEqual(['wf[0].a.onExit', 'wf[1].b']);
    expect(after.state.phase).toBe('Succeeded');
    expect(after.state.nodes[id('wf[0].a.onExit')].phase).toBe('Succeeded');
  });

  it('runs the exit hook of a task again when a step deep within it failed', () => {
    const nested = (name: string, template: string) => ({
      name,
      steps: [[{ name: 'in', template }]],
    });
    const spec = {
      entrypoint: 'main',
      templates: [
        {
          name: 'main',
          dag: {
            tasks: [
              {
                name: 't',
                template: 'outer',
                hooks: { exit: { template: 'leaf' } },
              },
            ],
          },
        },
        nested('outer', 'middle'),
        nested('middle', 'inner'),
        nested('inner', 'leaf'),
        leaf('leaf'),
      ],
    };
    const { state } = play(spec, ['wf.t[0].in[0].in[0].in']);
    const plan = planRetry('wf', state, { now });
    const after = play(spec, [], plan.state);
    expect([...after.started].sort()).toEqual([
      'wf.t.onExit',
      'wf.t[0].in[0].in[0].in',
    ]);
    expect(after.state.phase).toBe('Succeeded');
  });

  it.each(['Failed', 'Error'] as const)(
    'asks a person again whose answer made the step %s, and keeps what the run gave',
    phase => {
      const spec = {
        entrypoint: 'main',
        templates: [
          {
            name: 'main',
            steps: [
              [{ name: 'a', template: 'leaf' }],
              [{ name: 'q', template: 'ask' }],
            ],
          },
          leaf('leaf'),
          { name: 'ask', suspend: {} },
        ],
      };
      const { state } = play(spec, []);
      state.nodes[id('wf[1].q')].phase = phase;
      const over = play(spec, [], state).state;
      expect(over.phase).toBe('Failed');
      over.outputs = { parameters: [{ name: 'g', value: '1' }] };
      const plan = planRetry('wf', over, { now });
      expect(plan.again).toEqual([id('wf[1].q')]);
      expect(plan.kept).toEqual([id('wf[0].a')]);
      expect(plan.state.outputs).toEqual(over.outputs);
      const after = play(spec, [], plan.state).state;
      expect(after.nodes[id('wf[1].q')].phase).toBe('Running');
    },
  );

  it('runs the hooks of the run again', () => {
    const spec = {
      ...chain,
      hooks: { told: { template: 'leaf', expression: 'true' } },
    };
    const { state } = play(spec, ['wf[2].d']);
    const plan = planRetry('wf', state, { now });
    const after = play(spec, [], plan.state);
    expect([...after.started].sort()).toEqual(['wf.hooks.told', 'wf[2].d']);
    expect(after.state.phase).toBe('Succeeded');
  });

  it('runs the hooks of the run again when only its exit handler failed', () => {
    const spec = {
      ...chain,
      onExit: 'leaf',
      hooks: { told: { template: 'leaf', expression: 'true' } },
    };
    const { state } = play(spec, ['wf.onExit']);
    const after = play(spec, [], planRetry('wf', state, { now }).state);
    expect([...after.started].sort()).toEqual(['wf.hooks.told', 'wf.onExit']);
  });

  it('decides a task anew that could not even begin', () => {
    const main = (withParam: string) => ({
      entrypoint: 'main',
      templates: [
        {
          name: 'main',
          dag: { tasks: [{ name: 'a', template: 'leaf', withParam }] },
        },
        leaf('leaf'),
      ],
    });
    const { state } = play(main('no list'), []);
    expect(state.nodes[id('wf.a')]).toMatchObject({
      type: 'Skipped',
      phase: 'Error',
    });
    const plan = planRetry('wf', state, { now });
    expect(plan.again).toEqual([]);
    const mended = play(main('["x"]'), [], plan.state);
    expect(mended.started).toEqual(['wf.a(0:x)']);
    expect(mended.state.phase).toBe('Succeeded');
  });

  it('opens a template again that failed although all of its steps succeeded', () => {
    const spec = {
      ...chain,
      templates: [
        {
          ...chain.templates[0],
          outputs: {
            parameters: [
              {
                name: 'x',
                valueFrom: { parameter: '{{steps.a.outputs.parameters.none}}' },
              },
            ],
          },
        },
        leaf('leaf'),
      ],
    };
    const { state } = play(spec, []);
    expect(state.nodes.wf.phase).toBe('Error');
    const plan = planRetry('wf', state, { now });
    expect(plan.again).toEqual([]);
    expect(plan.state.nodes.wf.phase).toBe('Running');
    // Whoever mended the template in between has the run succeed without a step run again.
    const mended = play(chain, [], plan.state);
    expect(mended.started).toEqual([]);
    expect(mended.state.phase).toBe('Succeeded');
  });

  it('asks a person from the first attempt on whose question is tried again', () => {
    const spec = {
      entrypoint: 'ask',
      templates: [{ name: 'ask', suspend: {}, retryStrategy: { limit: 1 } }],
    };
    let { state } = play(spec, []);
    for (const attempt of ['wf(0)', 'wf(1)']) {
      state.nodes[id(attempt)].phase = 'Failed';
      state = play(spec, [], state).state;
    }
    expect(state.phase).toBe('Failed');
    const plan = planRetry('wf', state, { now });
    expect(plan.state.nodes).toEqual({});
    expect(plan.again.sort()).toEqual([id('wf(0)'), id('wf(1)')].sort());
  });

  it('refuses a run that goes on, one that succeeded, and nodes that are not its own', () => {
    const done = play(chain, []).state;
    expect(() => planRetry('wf', initialState(), { now })).toThrow(
      'the run is Pending',
    );
    expect(() =>
      planRetry('wf', { ...done, phase: 'Running' }, { now }),
    ).toThrow('the run is Running');
    expect(() => planRetry('wf', done, { now })).toThrow('the run succeeded');
    expect(() => planRetry('wf', done, { now, nodes: ['wf-1'] })).toThrow(
      "there is no node 'wf-1'",
    );
  });

  it('changes nothing of the run that it was given', () => {
    const { state } = play(diamond, ['wf.b']);
    const before = JSON.stringify(state);
    planRetry('wf', state, { now });
    expect(JSON.stringify(state)).toBe(before);
  });
});
