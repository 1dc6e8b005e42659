import { nodeId } from '../index';
import { leaf, PlayRun, workflowOf } from '../__testUtils__/playRun';
import { onlyTemplate, reuseNodes } from './reuse';

const now = '2026-01-01T00:05:00.000Z';
const workflow = workflowOf([
  {
    name: 'main',
    dag: {
      tasks: [
        { name: 'a', template: 'leaf' },
        { name: 's', template: 'leaf', depends: 'a', when: 'false' },
        { name: 'b', template: 'leaf', depends: 'a && s' },
        { name: 'c', template: 'leaf', depends: 'b' },
      ],
    },
  },
  leaf('leaf'),
]);
const id = (name: string) => nodeId('wf', name);
const earlier = () => {
  const run = new PlayRun(workflow);
  run.look();
  for (const name of ['wf.a', 'wf.b']) run.end(name);
  run.fail('wf.c');
  return { name: 'wf', state: run.state };
};

describe('reuseNodes', () => {
  it('begins with what the earlier run did, under names of the new run, and runs the rest', () => {
    const before = earlier();
    const kept = [id('wf.a'), id('wf.s')];
    const state = reuseNodes(before, kept, { name: 'next', now });
    expect(Object.values(state.nodes).map(node => node.name)).toEqual(
      expect.arrayContaining(['next', 'next.a']),
    );
    const root = state.nodes.next;
    expect(root).toMatchObject({ displayName: 'next', phase: 'Running' });
    const a = state.nodes[nodeId('next', 'next.a')];
    expect(a).toMatchObject({
      displayName: 'a',
      phase: 'Succeeded',
      boundaryID: 'next',
    });
    expect(root.children).toContain(a.id);
    expect(a.outboundNodes).toBeUndefined();
    expect(Object.keys(state.nodes).every(key => key.startsWith('next'))).toBe(
      true,
    );
    const run = new PlayRun({ ...workflow, metadata: { name: 'next' } });
    run.state = state;
    run.look();
    expect(run.started).toEqual(['next.b']);
  });

  it('keeps the outbound nodes of what is over', () => {
    const steps = workflowOf([
      {
        name: 'main',
        steps: [
          [{ name: 'in', template: 'inner' }],
          [{ name: 'z', template: 'leaf' }],
        ],
      },
      { name: 'inner', steps: [[{ name: 'x', template: 'leaf' }]] },
      leaf('leaf'),
    ]);
    const run = new PlayRun(steps);
    run.look();
    run.end('wf[0].in[0].x');
    run.fail('wf[1].z');
    const state = reuseNodes(
      { name: 'wf', state: run.state },
      [id('wf[0].in[0].x')],
      { name: 'n2', now },
    );
    expect(state.nodes[nodeId('n2', 'n2[0].in')].outboundNodes).toEqual([
      nodeId('n2', 'n2[0].in[0].x'),
    ]);
  });

  it('asks a person again whose answer is not taken over', () => {
    const asking = workflowOf([
      {
        name: 'main',
        steps: [
          [{ name: 'a', template: 'leaf' }],
          [{ name: 'person', template: 'person' }],
          [{ name: 'b', template: 'leaf' }],
        ],
      },
      leaf('leaf'),
      { name: 'person', suspend: {} },
    ]);
    const run = new PlayRun(asking);
    run.look();
    run.end('wf[0].a');
    run.node('wf[1].person').phase = 'Succeeded';
    run.look();
    run.end('wf[2].b');
    const state = reuseNodes(
      { name: 'wf', state: run.state },
      [id('wf[0].a')],
      { name: 'n2', now },
    );
    const next = new PlayRun({ ...asking, metadata: { name: 'n2' } });
    next.state = state;
    next.look();
    expect(next.node('n2[1].person').phase).toBe('Running');
    expect(next.started).toEqual([]);
  });

  it('keeps a step that succeeded when it was tried again', () => {
    const tried = workflowOf([
      {
        name: 'main',
        steps: [
          [{ name: 'a', template: 'twice' }],
          [{ name: 'b', template: 'twice' }],
        ],
      },
      leaf('twice', { retryStrategy: { limit: 1 } }),
    ]);
    const run = new PlayRun(tried);
    run.look();
    run.fail('wf[0].a(0)');
    run.end('wf[0].a(1)');
    run.end('wf[1].b(0)');
    const state = reuseNodes(
      { name: 'wf', state: run.state },
      [id('wf[0].a(1)')],
      { name: 'n2', now },
    );
    const next = new PlayRun({ ...tried, metadata: { name: 'n2' } });
    next.state = state;
    next.look();
    expect(next.started).toEqual(['n2[1].b(0)']);
  });

  it('refuses what is none of the run, what failed, and a run with nothing left', () => {
    const before = earlier();
    const reuse = (kept: string[]) => () =>
      reuseNodes(before, kept, { name: 'next', now });
    expect(reuse(['wf-1'])).toThrow("run 'wf' has no node 'wf-1'");
    expect(reuse([id('wf.b')])).toThrow(
      "node 'b' comes after one that is not taken over, so it cannot be, either",
    );
    expect(reuse([id('wf.c')])).toThrow(
      "node 'c' of run 'wf' is Failed; only what succeeded can be taken over",
    );
    const done = new PlayRun(workflow);
    done.look();
    for (const name of ['wf.a', 'wf.b', 'wf.c']) done.end(name);
    expect(() =>
      reuseNodes(
        { name: 'wf', state: done.state },
        ['wf.a', 'wf.b', 'wf.c'].map(id),
        { name: 'next', now },
      ),
    ).toThrow('nothing is left to run');
  });
});

describe('onlyTemplate', () => {
  const inputs = {
    parameters: [{ name: 'x', value: '{{1}}', default: 'd' }],
    artifacts: [{ name: 'data', path: '/in', s3: { key: 'k' } }],
  };

  it('runs one template with the inputs that it had', () => {
    const only = onlyTemplate(workflow, 'leaf', inputs as any);
    expect(only.spec.entrypoint).toBe('only-leaf');
    expect(only.spec.templates).toHaveLength(3);
    expect(only.spec.templates[2].steps[0][0]).toEqual({
      name: 'leaf',
      template: 'leaf',
      arguments: {
        parameters: [{ name: 'x', value: '{{1}}' }],
        artifacts: [{ name: 'data', s3: { key: 'k' } }],
      },
    });
    expect(
      onlyTemplate(workflow, 'leaf', {}).spec.templates[2].steps[0][0]
        .arguments,
    ).toEqual({});
  });

  it('runs it alone when it had none', () => {
    const only = onlyTemplate(workflow, 'leaf', undefined);
    expect(only.spec.entrypoint).toBe('leaf');
    expect(only.spec.templates).toHaveLength(2);
  });

  it('refuses a template that lacks an input, and takes what the run is given', () => {
    const needs = leaf('needs', {
      inputs: {
        parameters: [{ name: 'x' }, { name: 'y', default: 'd' }],
        artifacts: [
          { name: 'data', path: '/in' },
          { name: 'more', path: '/more', optional: true },
        ],
      },
    });
    const only = (spec: object, given?: object) => () =>
      onlyTemplate(
        { ...workflow, spec: { templates: [needs], ...spec } },
        'needs',
        given as any,
      );
    expect(only({})).toThrow(
      "template 'needs' needs inputs.parameters.x, inputs.artifacts.data; name a step of an earlier run",
    );
    expect(only({}, inputs)).not.toThrow();
    expect(
      only({ arguments: { parameters: [{ name: 'x', value: '1' }] } }),
    ).toThrow("'needs' needs inputs.artifacts.data;");
  });

  it('names the templates that there are', () => {
    expect(() => onlyTemplate(workflow, 'lost', undefined)).toThrow(
      "there is no template 'lost'. There are main, leaf",
    );
  });
});
