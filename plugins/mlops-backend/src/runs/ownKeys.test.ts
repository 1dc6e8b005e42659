import type { NodeStatus, WorkflowState } from '@backstage-mlops/argo-engine';
import { ownKeys } from './ownKeys';

const node = (
  id: string,
  keys: string[],
  more: Partial<NodeStatus> = {},
): [string, NodeStatus] => [
  id,
  {
    id,
    name: id,
    displayName: id,
    type: 'Pod',
    phase: 'Succeeded',
    startedAt: '',
    children: [],
    outputs: {
      artifacts: keys.map((key, index) => ({
        name: `a${index}`,
        path: '/a',
        s3: { key },
      })),
    },
    ...more,
  },
];
const keysOf = (...nodes: [string, NodeStatus][]) =>
  ownKeys('r-1', { nodes: Object.fromEntries(nodes) } as WorkflowState);

describe('artifacts that go with a run on a cluster', () => {
  it('are those below its name, each once', () => {
    expect(
      keysOf(
        node('r-1', ['r-1/p/a.tgz'], { type: 'Steps' }),
        node('p', ['r-1/p/a.tgz', 'team/r-1/p/b']),
        node('q', []),
      ),
    ).toEqual(['r-1/p/a.tgz', 'team/r-1/p/b']);
  });

  it('are not those of another run, or of a place that somebody chose', () => {
    expect(
      keysOf(node('p', ['r-12/p/a.tgz', 'r-2/p/a.tgz', 'shared/a.tgz', 'r-1'])),
    ).toEqual([]);
  });

  it('are not what a step remembers, whatever else gives it too', () => {
    expect(
      keysOf(
        node('steps', ['r-1/p/a.tgz'], {
          type: 'Steps',
          memoizationStatus: { hit: false, key: 'k', cacheName: 'c' },
        }),
        node('p', ['r-1/p/a.tgz', 'r-1/p/b.tgz']),
      ),
    ).toEqual(['r-1/p/b.tgz']);
  });
});
