import { resumed } from './edits';
import type { KubeObject } from '../kube/ListWatch';

const waiting: KubeObject = {
  metadata: { name: 'w', uid: 'u', resourceVersion: '1' },
  spec: {},
  status: {
    phase: 'Running',
    nodes: {
      ask: {
        id: 'ask',
        name: 'w[0].ask',
        displayName: 'ask',
        type: 'Suspend',
        phase: 'Running',
        startedAt: '2026-11-01T00:00:00Z',
      },
      later: {
        id: 'later',
        name: 'w[1].later',
        displayName: 'later',
        type: 'Pod',
        phase: 'Pending',
        startedAt: null,
      },
    },
  },
};

describe('a wish of a person', () => {
  it('leaves a time that a node does not have away, which Argo could not read as an empty text', () => {
    const { status } = resumed(waiting, {}, '2026-11-01T00:01:00Z');
    expect(status.nodes.ask).toMatchObject({
      phase: 'Succeeded',
      startedAt: '2026-11-01T00:00:00Z',
    });
    expect(status.nodes.later.startedAt).toBeNull();
  });
});
