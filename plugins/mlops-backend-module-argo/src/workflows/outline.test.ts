import { isOutline, toKept } from './outline';

const object = (phase: string, finishedAt?: string) => ({
  metadata: {
    name: 'one',
    uid: 'u',
    resourceVersion: '7',
    labels: { a: 'b' },
    managedFields: [{ manager: 'argo' }],
  },
  spec: { workflowTemplateRef: { name: 'train' }, templates: [{}] },
  status: { phase, finishedAt, nodes: { one: { id: 'one' } } },
});
const now = Date.parse('2026-01-01T12:00:00Z');

it('keeps a workflow whole while it goes on, and a minute after its end', () => {
  for (const one of [
    object('Running'),
    object('Succeeded', '2026-01-01T11:59:30Z'),
    object('Succeeded'),
  ]) {
    const kept = toKept(one, now);
    expect(isOutline(kept)).toBe(false);
    expect(kept.status).toBe(one.status);
    expect(kept.metadata.managedFields).toBeUndefined();
  }
});

it('keeps no steps of a workflow that is long over, but what tells it from others and which template it used', () => {
  const kept = toKept(object('Failed', '2026-01-01T11:00:00Z'), now);
  expect(isOutline(kept)).toBe(true);
  expect(kept.metadata).toMatchObject({
    name: 'one',
    uid: 'u',
    resourceVersion: '7',
    labels: { a: 'b' },
  });
  expect(kept.spec).toEqual({ workflowTemplateRef: { name: 'train' } });
  expect(kept.status.nodes).toBeUndefined();
});
