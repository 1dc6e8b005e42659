import type { EngineFile, EngineFiles } from '@backstage-mlops/mlops-core';
import type { KubeObject } from '../kube/ListWatch';
import { planFiles, unusedTemplates } from './planFiles';
import { toFileObjects } from './toFileObjects';

const source = 'https://git.example.org/ml.git';
const defaults = { namespace: 'ml', serviceAccount: 'mlops-step' };
const leaf = (image = 'steps:1') => ({
  entrypoint: 'main',
  arguments: {
    parameters: [
      { name: 'revision', value: 'c1' },
      { name: 'seed', value: '7' },
    ],
  },
  templates: [{ name: 'main', container: { image } }],
});
const file = (more: Partial<EngineFile> = {}): EngineFile => ({
  kind: 'pipeline',
  project: 'fruit',
  name: 'train',
  file: 'ml-projects/fruit/pipelines/train.yaml',
  commit: 'c1',
  signature: 'tree-1',
  spec: leaf(),
  ...more,
});
const schedule = (spec: object = {}) =>
  file({
    kind: 'schedule',
    name: 'weekly',
    pipeline: 'train',
    spec: {
      schedule: '0 6 * * 1',
      timezone: 'Europe/Berlin',
      suspend: true,
      concurrencyPolicy: 'Forbid',
      workflowSpec: { workflowTemplateRef: { name: 'train' } },
      ...spec,
    },
  });

/** The objects of a namespace, after as many looks as it takes. */
class Namespace {
  readonly objects = new Map<string, any>();
  private version = 0;

  put(plural: string, object: any) {
    this.version += 1;
    this.objects.set(`${plural}/${object.metadata.name}`, {
      ...object,
      metadata: {
        uid: 'u',
        creationTimestamp: '2026-01-01T00:00:00Z',
        ...object.metadata,
        resourceVersion: String(this.version),
      },
    });
  }

  of(plural: string): KubeObject[] {
    return [...this.objects]
      .filter(([key]) => key.startsWith(`${plural}/`))
      .map(([, item]) => item);
  }

  look(files: EngineFile[], from = source) {
    const wanted: EngineFiles = { source: from, values: ['A'], files };
    const plan = planFiles({
      objects: toFileObjects(wanted, defaults),
      source: from,
      found: {
        workflowtemplates: this.of('workflowtemplates'),
        cronworkflows: this.of('cronworkflows'),
      },
      keptAs: new Map(),
    });
    for (const write of plan.writes)
      if (write.do === 'delete')
        this.objects.delete(`${write.plural}/${write.name}`);
      else this.put(write.plural, write.object);
    return {
      did: plan.writes.map(item => `${item.do} ${item.plural}/${item.name}`),
      states: plan.states,
    };
  }
}

describe('the objects of git on a cluster', () => {
  it('are made once, named after project and file, with commit, file, digest and labels', () => {
    const there = new Namespace();
    expect(there.look([file()]).did).toEqual([
      'create workflowtemplates/fruit.train',
    ]);
    const again = there.look([file()]);
    expect(again.did).toEqual([]);
    expect(again.states).toEqual([
      { kind: 'pipeline', project: 'fruit', name: 'train', commit: 'c1' },
    ]);
    const { metadata, spec } = there.objects.get(
      'workflowtemplates/fruit.train',
    );
    expect(metadata.labels).toMatchObject({
      'app.kubernetes.io/managed-by': 'backstage-mlops',
      'backstage-mlops/project': 'fruit',
      'backstage-mlops/pipeline': 'train',
      'backstage.io/kubernetes-id': 'fruit',
    });
    expect(metadata.annotations).toMatchObject({
      'backstage-mlops/commit': 'c1',
      'backstage-mlops/file': 'ml-projects/fruit/pipelines/train.yaml',
      'backstage-mlops/spec-digest': expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    // What somebody submits from it shows up as a run of the project, restricted like all others.
    expect(spec.workflowMetadata.labels).toEqual({
      'backstage-mlops/project': 'fruit',
      'backstage-mlops/pipeline': 'train',
      'backstage.io/kubernetes-id': 'fruit',
    });
    expect(spec.securityContext.runAsNonRoot).toBe(true);
    expect(spec.templates[0].container.env[0].valueFrom.secretKeyRef.name).toBe(
      'mlops-{{workflow.name}}',
    );
  });

  it('are equal to a later commit that changed nothing of them, and written anew by one that did', () => {
    const there = new Namespace();
    there.look([file()]);
    const later = there.look([file({ commit: 'c2', spec: leaf() })]);
    expect(later.did).toEqual([]);
    expect(later.states[0].commit).toBe('c2');
    expect(
      there.look([file({ commit: 'c3', signature: 'tree-2' })]).did,
    ).toEqual(['replace workflowtemplates/fruit.train']);
    const { spec, metadata } = there.objects.get(
      'workflowtemplates/fruit.train',
    );
    expect(metadata.annotations['backstage-mlops/commit']).toBe('c3');
    expect(spec.arguments.parameters[0].value).toBe('c3');
  });

  it('are put right when somebody changed them there, and keep what others wrote beside', () => {
    const there = new Namespace();
    there.look([schedule()]);
    const { metadata, spec } = there.objects.get('cronworkflows/fruit.weekly');
    there.put('cronworkflows', {
      metadata: { ...metadata, labels: { ...metadata.labels, team: 'ml' } },
      spec: { ...spec, suspend: false },
      status: { active: [{ name: 'w' }] },
    });
    expect(there.look([schedule()]).did).toEqual([
      'replace cronworkflows/fruit.weekly',
    ]);
    const now = there.objects.get('cronworkflows/fruit.weekly');
    expect(now.spec.suspend).toBe(true);
    expect(now.status.active).toEqual([{ name: 'w' }]);
    expect(now.metadata.labels.team).toBe('ml');
  });

  it('of somebody else, or of another repository, are told and left alone', () => {
    const there = new Namespace();
    there.put('workflowtemplates', {
      metadata: { name: 'fruit.train' },
      spec: { own: true },
    });
    const { did, states } = there.look([file()]);
    expect(did).toEqual([]);
    expect(states[0]).toMatchObject({
      fault:
        "The cluster has another WorkflowTemplate 'fruit.train', which this portal did not make.",
    });
    const other = new Namespace();
    other.look([file()]);
    expect(other.look([], 'https://git.example.org/other.git').did).toEqual([]);
  });

  it('go when their file goes, but stay while it cannot be read', () => {
    const there = new Namespace();
    there.look([file(), schedule()]);
    const broken = there.look([
      file({ spec: undefined, commit: 'c2' }),
      schedule(),
    ]);
    expect(broken.did).toEqual([]);
    expect(broken.states[0].commit).toBe('c1');
    expect(there.look([]).did).toEqual([
      'delete workflowtemplates/fruit.train',
      'delete cronworkflows/fruit.weekly',
    ]);
  });

  it('that ask for too much have a fault and keep no other from being made', () => {
    const there = new Namespace();
    const { did, states } = there.look([
      file({ name: 'bad', spec: { ...leaf(), hostNetwork: true } }),
      file({ name: 'lost', spec: undefined, fault: 'It is lost.' }),
      file(),
    ]);
    expect(did).toEqual(['create workflowtemplates/fruit.train']);
    expect(states[0].fault).toMatch(/spec\.hostNetwork/);
    expect(states[1].fault).toBe('It is lost.');
  });

  it('refer to each other by the names they have there, a project’s own before a shared one', () => {
    const calls = (...names: object[]) => ({
      entrypoint: 'main',
      templates: [
        {
          name: 'main',
          dag: {
            tasks: names.map((ref, i) => ({ name: `t${i}`, templateRef: ref })),
          },
        },
      ],
    });
    const there = new Namespace();
    there.look([
      file({
        spec: calls(
          { name: 'blocks', template: 'a' },
          { name: 'blocks', template: 'a', clusterScope: true },
          { name: 'tools', template: 'a' },
        ),
      }),
      file({ name: 'blocks' }),
      file({ kind: 'shared', project: undefined, name: 'tools' }),
      file({
        kind: 'shared',
        project: undefined,
        name: 'blocks',
        clusterScope: true,
      }),
    ]);
    const { spec } = there.objects.get('workflowtemplates/fruit.train');
    const names = spec.templates[0].dag.tasks.map(
      (task: any) => task.templateRef.name,
    );
    expect(names).toEqual([
      'fruit.blocks',
      'shared.cluster.blocks',
      'shared.tools',
    ]);
    for (const name of names)
      expect(there.objects.has(`workflowtemplates/${name}`)).toBe(true);
  });
});

describe('a schedule on a cluster', () => {
  it('has the plural field, and names itself on the runs that it starts', () => {
    const there = new Namespace();
    there.look([file(), schedule()]);
    const { spec } = there.objects.get('cronworkflows/fruit.weekly');
    expect(spec).toMatchObject({
      schedules: ['0 6 * * 1'],
      timezone: 'Europe/Berlin',
      suspend: true,
      concurrencyPolicy: 'Forbid',
      workflowSpec: { workflowTemplateRef: { name: 'fruit.train' } },
    });
    expect(spec).not.toHaveProperty('schedule');
    expect(spec.workflowMetadata.labels).toMatchObject({
      'backstage-mlops/schedule': 'weekly',
      'backstage-mlops/pipeline': 'train',
    });
  });

  it('tells how it goes on there', () => {
    const there = new Namespace();
    there.look([schedule()]);
    const object = there.objects.get('cronworkflows/fruit.weekly');
    there.put('cronworkflows', {
      ...object,
      status: {
        phase: 'Stopped',
        lastScheduledTime: '2026-02-02T06:00:00Z',
        conditions: [
          { type: 'SubmissionError', status: 'True', message: 'quota' },
        ],
      },
    });
    expect(there.look([schedule()]).states[0]).toEqual({
      kind: 'schedule',
      project: 'fruit',
      name: 'weekly',
      commit: 'c1',
      fault: 'quota',
      stoppedAt: '2026-02-02T06:00:00Z',
      lastScheduledAt: '2026-02-02T06:00:00Z',
    });
  });
});

it('templates of one commit go when no workflow refers to them and no run asked for them since a while', () => {
  const template = (name: string, usedAt?: string): KubeObject => ({
    metadata: {
      name,
      uid: 'u',
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: {
        'app.kubernetes.io/managed-by': 'backstage-mlops',
        'backstage-mlops/pinned': 'true',
      },
      annotations: usedAt ? { 'backstage-mlops/used-at': usedAt } : {},
    },
  });
  const all = [
    template('old'),
    template('used'),
    template('fresh', '2026-01-01T01:59:00Z'),
    {
      ...template('other'),
      metadata: { ...template('other').metadata, labels: {} },
    },
  ];
  expect(
    unusedTemplates(all, {
      used: new Set(['used']),
      now: Date.parse('2026-01-01T02:00:00Z'),
      idleMs: 3_600_000,
    }).map(({ metadata }) => metadata.name),
  ).toEqual(['old']);
});
