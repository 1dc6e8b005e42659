import type { EngineRun } from '@backstage-mlops/mlops-core';
import fc from 'fast-check';
import { toManifests } from './toManifests';

const run = (spec: object, more: Partial<EngineRun> = {}): EngineRun => ({
  id: 'train-abc',
  project: 'fruit',
  pipeline: 'train',
  commit: 'c'.repeat(40),
  file: 'ml-projects/fruit/pipelines/train.yaml',
  by: 'user:default/jen@example.com',
  workflow: { metadata: { name: 'train-abc' }, spec },
  environment: { MLOPS_RUN_ID: 'train-abc' },
  secrets: { MLFLOW_TRACKING_TOKEN: 'the-token' },
  ...more,
});
const defaults = { namespace: 'ml', serviceAccount: 'mlops-step' };
const leaf = (container: object = {}) => ({
  entrypoint: 'main',
  arguments: { parameters: [{ name: 'seed', value: '7' }] },
  templates: [{ name: 'main', container: { image: 'steps:1', ...container } }],
});

describe('the objects of a run', () => {
  it('say what the API server demands of memoized steps, also inside of others', () => {
    const memoize = { key: 'k', cache: { configMap: { name: 'c' } } };
    const container = { image: 'steps:1' };
    const { templates } = toManifests(
      run({
        entrypoint: 'main',
        templates: [
          {
            name: 'main',
            steps: [[{ name: 'a', inline: { memoize, container } }]],
          },
          { name: 'b', memoize: { ...memoize, maxAge: '10s' }, container },
        ],
      }),
      defaults,
    );
    const [main, b] = templates[0].spec.templates;
    expect(main.steps[0][0].inline.memoize).toEqual({ ...memoize, maxAge: '' });
    expect(b.memoize.maxAge).toBe('10s');
  });

  it('take the files along that the pipeline refers to, under names of this commit, also in a circle', () => {
    const calls = (name: string, more: object = {}) => ({
      entrypoint: 'main',
      templates: [
        {
          name: 'main',
          dag: {
            tasks: [
              { name: 'a', templateRef: { name, template: 'main', ...more } },
            ],
          },
        },
      ],
    });
    const { templates, workflow } = toManifests(
      run(
        {},
        {
          workflow: {
            metadata: { name: 'train-abc' },
            spec: calls('blocks'),
            stored: {
              limits: {},
              templates: {
                blocks: { spec: calls('blocks', { clusterScope: true }) },
                'cluster/blocks': { spec: calls('blocks') },
              },
            },
          },
        },
      ),
      defaults,
    );
    const [main, blocks, shared] = templates.map(item => item.metadata.name);
    const refs = templates.map(
      item => item.spec.templates[0].dag.tasks[0].templateRef,
    );
    expect(new Set([main, blocks, shared]).size).toBe(3);
    expect(blocks).toMatch(/^fruit\.blocks-[0-9a-f]{10}$/);
    expect(refs).toEqual([
      { name: blocks, template: 'main' },
      { name: shared, template: 'main' },
      { name: blocks, template: 'main' },
    ]);
    expect(
      JSON.parse(
        workflow.metadata.annotations['backstage-mlops/template-names'],
      ),
    ).toEqual({ [blocks]: 'blocks', [shared]: 'cluster/blocks' });
  });

  it('refuse what a file asks for that the pipeline refers to', () => {
    const spec = leaf();
    expect(() =>
      toManifests(
        run(spec, {
          workflow: {
            metadata: { name: 'train-abc' },
            spec,
            stored: {
              limits: {},
              templates: { blocks: { spec: { ...leaf(), hostNetwork: true } } },
            },
          },
        }),
        defaults,
      ),
    ).toThrow(/blocks.*spec\.hostNetwork/);
  });

  it('refer to a template that is named after its content', () => {
    const {
      templates: [template],
      workflow,
    } = toManifests(run(leaf()), defaults);
    expect(template.metadata.name).toMatch(/^fruit\.train-[0-9a-f]{10}$/);
    expect(workflow.spec.workflowTemplateRef.name).toBe(template.metadata.name);
    expect(workflow.spec.arguments.parameters).toEqual([
      { name: 'seed', value: '7' },
    ]);
    const other = toManifests(run(leaf({ args: ['x'] })), defaults);
    expect(other.templates[0].metadata.name).not.toBe(template.metadata.name);
  });

  it('are the same for the same run, whatever the order of keys', () => {
    const turned = leaf();
    turned.templates = [
      {
        container: turned.templates[0].container,
        name: 'main',
      },
    ];
    const one = toManifests(run(leaf()), defaults);
    const two = toManifests(run(turned), defaults);
    expect(two.templates[0].metadata.name).toBe(one.templates[0].metadata.name);
    expect(two.workflow.metadata.annotations).toEqual(
      one.workflow.metadata.annotations,
    );
  });

  it('hold no secret in a spec: steps read it by reference', () => {
    const {
      templates: [template],
      workflow,
      secret,
    } = toManifests(run(leaf()), defaults);
    expect(JSON.stringify([template, workflow])).not.toContain('the-token');
    expect(secret.stringData.MLFLOW_TRACKING_TOKEN).toBe('the-token');
    expect(template.spec.templates[0].container.env).toContainEqual({
      name: 'MLFLOW_TRACKING_TOKEN',
      valueFrom: {
        secretKeyRef: {
          name: 'mlops-{{workflow.name}}',
          key: 'MLFLOW_TRACKING_TOKEN',
        },
      },
    });
  });

  it('give pods the restricted profile and no token of the API', () => {
    const {
      templates: [template],
      workflow,
    } = toManifests(run(leaf()), defaults);
    expect(workflow.spec).toMatchObject({
      automountServiceAccountToken: false,
      serviceAccountName: 'mlops-step',
      securityContext: {
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      },
    });
    expect(template.spec.templates[0].container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    });
  });

  it('write plural fields only', () => {
    const {
      templates: [template],
    } = toManifests(
      run({ ...leaf(), synchronization: { mutex: { name: 'one' } } }),
      defaults,
    );
    expect(template.spec.synchronization).toEqual({
      mutexes: [{ name: 'one' }],
    });
  });

  it('name every field that a cluster is not asked for, at every depth', () => {
    const spec = {
      ...leaf({ securityContext: { privileged: true } }),
      hostNetwork: true,
      podSpecPatch: '{}',
      volumes: [{ name: 'root', hostPath: { path: '/' } }],
      templateDefaults: { serviceAccountName: 'admin' },
    };
    const deep = {
      name: 'group',
      steps: [
        [
          {
            name: 'a',
            inline: {
              steps: [
                [
                  {
                    name: 'b',
                    inline: { container: { image: 'x' }, podSpecPatch: '{}' },
                  },
                ],
              ],
            },
          },
        ],
      ],
    };
    expect(() =>
      toManifests(
        run({ ...spec, templates: [...spec.templates, deep] }),
        defaults,
      ),
    ).toThrow(
      /spec\.templates\[0\]\.container\.securityContext.*spec\.templates\[1\]\.steps\[0\]\[0\]\.inline\.steps\[0\]\[0\]\.inline.*spec\.hostNetwork.*spec\.podSpecPatch.*spec\.volumes\[0\]\.hostPath.*spec\.templateDefaults\.serviceAccountName/s,
    );
  });

  it('never carry a forbidden field, wherever it is put', () => {
    const forbidden = [
      'podSpecPatch',
      'hostNetwork',
      'serviceAccountName',
      'securityContext',
      'initContainers',
      'sidecars',
      'artifactGC',
      'hostPath',
      '__proto__',
      'constructor',
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...forbidden),
        fc.array(fc.nat(7), { maxLength: 6 }),
        (field, way) => {
          const spec: any = JSON.parse(JSON.stringify(leaf()));
          spec.templates[0].inputs = { parameters: [{ name: 'p' }] };
          let place = spec;
          for (const turn of way) {
            const inner = Object.values(place).filter(
              item => typeof item === 'object' && item !== null,
            );
            if (inner.length === 0) break;
            place = inner[turn % inner.length];
          }
          if (Array.isArray(place)) return;
          Object.defineProperty(place, field, {
            value: { bad: 'value' },
            enumerable: true,
            configurable: true,
            writable: true,
          });
          expect(() => toManifests(run(spec), defaults)).toThrow(field);
        },
      ),
    );
  });
});
