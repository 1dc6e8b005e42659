import {
  readProject,
  readShared,
  type ProjectFile,
} from '@backstage-mlops/mlops-core';
import { toEngineFiles } from './toEngineFiles';

const file = (path: string, text: string): ProjectFile => ({
  path,
  text,
  sizeBytes: text.length,
  mode: '100644',
});
const template = (kind: string, name: string, spec: string) =>
  `apiVersion: argoproj.io/v1alpha1
kind: ${kind}
metadata: { name: ${name} }
spec: ${spec}
`;
const call = (name: string) =>
  `{ entrypoint: main, templates: [{ name: main, steps: [[{ name: a, templateRef: { name: ${name}, template: run, clusterScope: true } }]] }] }`;
const leaf =
  '{ entrypoint: run, templates: [{ name: run, container: { image: x, command: [sh] } }] }';

const filesOf = (files: ProjectFile[], shared: ProjectFile[] = []) =>
  toEngineFiles(
    {
      read: readProject('ml-projects/p', files, readShared('argo', shared)),
      commit: 'c1',
      signature: 's1',
    },
    { repo: 'https://git.example.org/ml.git', runSeconds: 600 },
  );

describe('what a cluster is asked to have of a project', () => {
  it('is each pipeline, with what the portal sets, the longest time, and the parameters as people see them', () => {
    const [train] = filesOf([
      file(
        'pipelines/train.yaml',
        template(
          'WorkflowTemplate',
          'train',
          `{ arguments: { parameters: [{ name: repo, value: x }, { name: revision, value: x }, { name: path, value: x }, { name: size, value: small, enum: [small, large] }] }, ${leaf.slice(
            1,
          )}`,
        ),
      ),
    ]);
    expect(train).toMatchObject({
      kind: 'pipeline',
      project: 'p',
      name: 'train',
      commit: 'c1',
      signature: 's1',
    });
    expect(train.spec).toMatchObject({
      activeDeadlineSeconds: 600,
      arguments: {
        parameters: [
          { name: 'repo', value: 'https://git.example.org/ml.git' },
          { name: 'revision', value: 'c1' },
          { name: 'path', value: 'ml-projects/p' },
          { name: 'size', value: 'small', enum: ['small', 'large'] },
        ],
      },
    });
  });

  it('is each schedule with the pipeline that its runs count to, and the shared files that are referred to', () => {
    const found = filesOf(
      [
        file(
          'pipelines/train.yaml',
          template('WorkflowTemplate', 'train', call('tools')),
        ),
        file(
          'pipelines/weekly.yaml',
          template(
            'CronWorkflow',
            'weekly',
            "{ schedules: ['0 6 * * 1'], workflowSpec: { workflowTemplateRef: { name: train } } }",
          ),
        ),
      ],
      [
        file('tools.yaml', template('ClusterWorkflowTemplate', 'tools', leaf)),
        file(
          'unused.yaml',
          template('ClusterWorkflowTemplate', 'unused', leaf),
        ),
      ],
    );
    expect(
      found.map(({ kind, name, pipeline, clusterScope }) => ({
        kind,
        name,
        pipeline,
        clusterScope,
      })),
    ).toEqual([
      { kind: 'pipeline', name: 'train' },
      { kind: 'schedule', name: 'weekly', pipeline: 'train' },
      { kind: 'shared', name: 'tools', clusterScope: true },
    ]);
  });

  it('has a file that cannot be had beside those that can', () => {
    const broken = filesOf([
      file(
        'pipelines/bad.yaml',
        template('WorkflowTemplate', 'bad', call('none')),
      ),
      file('pipelines/good.yaml', template('WorkflowTemplate', 'good', leaf)),
    ]);
    expect(broken.map(({ name, spec }) => [name, Boolean(spec)])).toEqual([
      ['bad', false],
      ['good', true],
    ]);
    // A shared file that refers to a missing one is no fault of the project's file.
    const lost = filesOf(
      [
        file(
          'pipelines/lost.yaml',
          template('WorkflowTemplate', 'lost', call('tools')),
        ),
        file('pipelines/good.yaml', template('WorkflowTemplate', 'good', leaf)),
      ],
      [
        file(
          'tools.yaml',
          template(
            'ClusterWorkflowTemplate',
            'tools',
            '{ templates: [{ name: run, steps: [[{ name: a, templateRef: { name: gone, template: run, clusterScope: true } }]] }] }',
          ),
        ),
      ],
    );
    expect(lost.find(({ name }) => name === 'lost')).toMatchObject({
      fault: expect.stringMatching(/gone/),
    });
    expect(lost.find(({ name }) => name === 'good')?.spec).toBeDefined();
  });
});
