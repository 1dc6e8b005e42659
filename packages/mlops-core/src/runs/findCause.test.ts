import {
  initialState,
  operate,
  type PodObservation,
  type WorkflowState,
} from '@backstage-mlops/argo-engine';
import { findCause } from './findCause';

const leaf = (more = {}) => ({
  name: 'leaf',
  container: { image: 'i', command: ['c'] },
  ...more,
});
const task = (name: string, depends?: string, more = {}) => ({
  name,
  template: 'leaf',
  ...(depends ? { depends } : {}),
  ...more,
});

/** Plays a run in which the named nodes fail, one step each second; the cause's name is what counts. */
function causeOf(templates: Record<string, any>[], fails: string[], spec = {}) {
  const workflow = {
    metadata: { name: 'wf' },
    spec: { entrypoint: templates[0].name, templates, ...spec },
  };
  let state: WorkflowState = initialState();
  let pods: Record<string, PodObservation> = {};
  for (let second = 0; second < 60; second++) {
    const now = new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
    const result = operate({ workflow, state, pods, now });
    state = result.state;
    if (['Failed', 'Error', 'Succeeded'].includes(state.phase))
      return findCause(state.nodes)?.name;
    pods = Object.fromEntries(
      result.start.map(({ nodeId, nodeName }) => {
        const isBad = fails.includes(nodeName);
        return [
          nodeId,
          {
            nodeId,
            phase: isBad ? 'Failed' : 'Succeeded',
            exitCode: isBad ? 1 : 0,
            finishedAt: now,
          },
        ];
      }),
    );
  }
  throw new Error(`The run goes on: ${JSON.stringify(state)}`);
}

describe('the cause of a failed run', () => {
  it('is the step that ended the steps, not one before whose failure was allowed', () => {
    const templates = [
      {
        name: 'main',
        steps: [
          [task('a', undefined, { continueOn: { failed: true } })],
          [task('b'), task('c')],
        ],
      },
      leaf(),
    ];
    expect(causeOf(templates, ['wf[0].a', 'wf[1].c'])).toBe('wf[1].c');
  });

  it('is the task that ended the DAG, not one whose failure another waited for', () => {
    const dag = (tasks: any[]) => [{ name: 'main', dag: { tasks } }, leaf()];
    const handled = [task('a'), task('handler', 'a.Failed')];
    expect(
      causeOf(dag([...handled, task('z', 'handler')]), ['wf.a', 'wf.z']),
    ).toBe('wf.z');
    // On one of two ways nobody cared for it.
    expect(
      causeOf(dag([...handled, task('next', 'a'), task('after', 'next')]), [
        'wf.a',
      ]),
    ).toBe('wf.a');
    expect(
      causeOf(
        dag([...handled, task('next', 'a'), task('end', 'next.Omitted')]),
        ['wf.a', 'wf.end'],
      ),
    ).toBe('wf.end');
  });

  it('is found below steps, DAGs, loops and attempts', () => {
    const templates = [
      { name: 'main', steps: [[{ name: 's', template: 'dag' }]] },
      {
        name: 'dag',
        dag: {
          tasks: [
            { name: 'loop', template: 'inner', withItems: ['x', 'y'] },
            task('end', 'loop'),
          ],
        },
      },
      { name: 'inner', steps: [[task('p')]] },
      leaf({ retryStrategy: { limit: 1 } }),
    ];
    const y = 'wf[0].s.loop(1:y)[0].p';
    expect(
      causeOf(templates, [
        // An attempt before one that succeeded is history.
        'wf[0].s.loop(0:x)[0].p(0)',
        `${y}(0)`,
        `${y}(1)`,
      ]),
    ).toBe(`${y}(1)`);
  });

  it('is the group whose step could not begin, the exit handler, or the only step', () => {
    const two = [
      [task('a')],
      [task('b', undefined, { when: 'x y' }), task('c')],
    ];
    expect(causeOf([{ name: 'main', steps: two }, leaf()], [])).toBe('wf[1]');
    expect(
      causeOf(
        [{ name: 'main', steps: [[task('a')]] }, leaf(), leaf({ name: 'bye' })],
        ['wf.onExit'],
        { onExit: 'bye' },
      ),
    ).toBe('wf.onExit');
    expect(causeOf([leaf()], ['wf'])).toBe('wf');
    expect(findCause({})).toBeUndefined();
  });
});
