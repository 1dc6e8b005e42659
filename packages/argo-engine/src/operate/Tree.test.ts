import { nodeId } from './names';
import { Tree } from './Tree';

const now = '2026-01-01T00:00:00.000Z';
const node = (name: string) => ({
  name,
  displayName: name,
  type: 'Pod' as const,
  phase: 'Running' as const,
});

// Answers of Go's hash/fnv.
it.each([
  ['wf\x7f', 449937181],
  ['wf\x80', 98818306],
  ['wfé', 1122503328],
])('the id of %j has the hash of its bytes', (name, hash) => {
  expect(nodeId('w', name)).toBe(`w-${hash}`);
});

it('a new node has no field without a value', () => {
  const made = new Tree('wf', {}, now).add({
    ...node('wf'),
    message: undefined,
    boundaryID: undefined,
    nodeFlag: {},
  });
  expect(Object.values(made)).not.toContain(undefined);
  expect(made).not.toHaveProperty('nodeFlag');
  expect(made).not.toHaveProperty('finishedAt');
});

describe('a tree tells that it has changed', () => {
  const nodes = {};
  const before = new Tree('wf', nodes, now);
  const [parent, child] = [before.add(node('wf')), before.add(node('wf.a'))];

  it('when a node is made', () => {
    const tree = new Tree('wf', {}, now);
    expect(tree.hasChanged).toBe(false);
    tree.add(node('wf'));
    expect([tree.hasChanged, tree.hasFault]).toEqual([true, false]);
    tree.add({ ...node('wf.a'), phase: 'Error' });
    expect(tree.hasFault).toBe(true);
  });

  it('when a node is tied to another, once', () => {
    const tree = new Tree('wf', nodes, now);
    tree.addChild(parent.id, 'wf.a');
    expect(parent.children).toEqual([child.id]);
    expect(tree.hasChanged).toBe(true);
    const next = new Tree('wf', nodes, now);
    next.addChild(parent.id, 'wf.a');
    next.addChild(parent.id, 'wf');
    next.addChild('none', 'wf.a');
    expect(next.hasChanged).toBe(false);
    expect(parent.children).toEqual([child.id]);
  });

  it('when a phase or a message is another one, and knows an error', () => {
    const tree = new Tree('wf', nodes, now);
    tree.mark(child, 'Running', '');
    expect(tree.hasChanged).toBe(false);
    tree.mark(child, 'Running', 'waits');
    expect([tree.hasChanged, tree.hasFault]).toEqual([true, false]);
    tree.mark(child, 'Error', 'broke');
    expect(tree.hasFault).toBe(true);
    const made = new Tree('wf', {}, now);
    made.add({ ...node('wf.b'), phase: 'Error' });
    expect(made.hasFault).toBe(true);
  });
});
