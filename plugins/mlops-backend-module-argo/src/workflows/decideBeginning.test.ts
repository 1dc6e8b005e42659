import type { KubeObject } from '../kube/ListWatch';
import { suspended } from './edits';
import { asSubmitted, unheardTemplate, waitToBegin } from './decideBeginning';

const template = 'small.hello-0123456789';
const ended = (more: Partial<KubeObject> = {}): KubeObject => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Workflow',
  metadata: {
    name: 'r',
    uid: 'u',
    resourceVersion: '7',
    labels: {
      'backstage-mlops/run': 'r',
      'backstage-mlops/project': 'small',
      'workflows.argoproj.io/completed': 'true',
      'workflows.argoproj.io/phase': 'Error',
    },
    annotations: { 'backstage-mlops/spec-digest': 'd' },
  },
  spec: { workflowTemplateRef: { name: template }, entrypoint: 'main' },
  status: {
    phase: 'Error',
    message: `workflowtemplates.argoproj.io "${template}" not found`,
    startedAt: '2026-11-28T22:00:00Z',
    finishedAt: '2026-11-28T22:00:00Z',
  },
  ...more,
});

describe('a workflow whose template the controller had not heard of', () => {
  it('is known by its end, by whose it is, and by having done nothing', () => {
    const { status, spec, metadata } = ended();
    expect(unheardTemplate(ended())).toBe(template);
    expect(
      unheardTemplate(
        ended({
          status: {
            phase: 'Failed',
            message: `invalid spec: WorkflowTemplate Informer cannot find WorkflowTemplate of name "${template}" in namespace "ml"`,
          },
        }),
      ),
    ).toBe(template);
    const others: Record<string, Partial<KubeObject>> = {
      'another template': {
        status: { ...status, message: 'workflowtemplates "x" not found' },
      },
      'another end': { status: { ...status, message: 'invalid spec: none' } },
      'a step': { status: { ...status, nodes: { r: { phase: 'Error' } } } },
      'packed steps': { status: { ...status, compressedNodes: 'H4sI' } },
      'steps in a database': {
        status: { ...status, offloadNodeStatusVersion: 'fnv:1' },
      },
      'a run that goes on': { status: { ...status, phase: 'Running' } },
      'a run that somebody stopped': {
        spec: { ...spec, shutdown: 'Terminate' },
      },
      'a workflow of somebody else': {
        metadata: { ...metadata, labels: { 'backstage-mlops/run': 'other' } },
      },
      'a workflow on its way out': {
        metadata: { ...metadata, deletionTimestamp: '2026-11-28T22:00:01Z' },
      },
    };
    for (const [name, more] of Object.entries(others))
      expect([name, unheardTemplate(ended(more))]).toEqual([name, undefined]);
  });

  it('is known by a template that its own refers to, too', () => {
    const { metadata, status } = ended();
    const object = ended({
      metadata: {
        ...metadata,
        annotations: {
          'backstage-mlops/template-names': JSON.stringify({
            'small.blocks-0': { name: 'blocks' },
          }),
        },
      },
      status: {
        ...status,
        message: 'workflowtemplates.argoproj.io "small.blocks-0" not found',
      },
    });
    expect(unheardTemplate(object)).toBe('small.blocks-0');
  });

  it('begins again as it was submitted: the same object, without its end', () => {
    const again = asSubmitted(ended());
    expect(again).toEqual({
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Workflow',
      metadata: {
        name: 'r',
        uid: 'u',
        resourceVersion: '7',
        labels: {
          'backstage-mlops/run': 'r',
          'backstage-mlops/project': 'small',
        },
        annotations: {
          'backstage-mlops/spec-digest': 'd',
          'backstage-mlops/begun-again': '1',
        },
      },
      spec: { workflowTemplateRef: { name: template }, entrypoint: 'main' },
    });
  });

  it('may be suspended before it begins', () => {
    const again = asSubmitted(suspended(ended()));
    expect(again.spec.suspend).toBe(true);
    const { status } = ended();
    expect(() =>
      suspended(ended({ status: { ...status, message: 'no luck' } })),
    ).toThrow("Run 'r' is over: it is Error.");
  });

  it('begins again at once, then rarer, and stays as it is after a minute and a half', () => {
    const waits: number[] = [];
    let object = ended();
    for (;;) {
      const wait = waitToBegin(object);
      if (wait === undefined) break;
      waits.push(wait / 1000);
      object = { ...asSubmitted(object), status: ended().status };
    }
    expect(waits).toEqual([0, 1, 2, 4, 8, 16, 30, 30]);
  });
});
