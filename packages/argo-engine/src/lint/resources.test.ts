import { lintWorkflow, parseWorkflows } from '../index';

const problemsOf = (resources: object) => {
  const text = JSON.stringify({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'WorkflowTemplate',
    metadata: { name: 'w' },
    spec: {
      entrypoint: 'main',
      templates: [
        {
          name: 'main',
          container: { image: 'i', command: ['true'], resources },
        },
      ],
    },
  });
  return parseWorkflows(text, 'w.yaml').documents.flatMap(document =>
    lintWorkflow(document).map(({ path, code, severity }) => ({
      path: path?.replace('spec.templates[0].container.resources.', ''),
      code,
      severity,
    })),
  );
};

it('takes the limits that one machine holds a step to, and gives notice of those it does not', () => {
  expect(
    problemsOf({
      limits: { memory: '512Mi', 'ephemeral-storage': '1Gi', cpu: '500m' },
    }),
  ).toEqual([]);
  const notice = { code: 'ignored-field', severity: 'notice' };
  expect(
    problemsOf({ limits: { 'a.b/gpu': 1 }, requests: { cpu: '1' } }),
  ).toEqual([expect.objectContaining(notice), { path: 'requests', ...notice }]);
});

it('refuses a field of resources that Kubernetes does not know', () => {
  expect(problemsOf({ limit: { memory: '1Gi' } })).toEqual([
    { path: 'limit', code: 'unknown-field', severity: 'error' },
  ]);
});
