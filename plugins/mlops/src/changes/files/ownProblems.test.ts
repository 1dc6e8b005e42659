import { ownProblems } from './ownProblems';

const folder = 'ml-projects/one';

describe('faults of a file by itself', () => {
  it('names line and field of a file of our own kinds', () => {
    const [problem] = ownProblems(
      folder,
      `${folder}/mlproject.yaml`,
      'apiVersion: backstage-mlops/v1alpha1\nkind: MLProject\nmetadata: { name: one }\nspec: { lifecycel: x }\n',
    );
    expect(problem).toMatchObject({ severity: 'error', line: 4 });
  });

  it('tells where a pipeline is no YAML', () => {
    const found = ownProblems(folder, `${folder}/pipelines/a.yaml`, 'a: [');
    expect(found[0]).toMatchObject({ severity: 'error' });
  });

  it('has nothing to say of other files', () => {
    expect(ownProblems(folder, `${folder}/src/a.py`, 'a: [')).toEqual([]);
    expect(ownProblems(folder, 'argo/mlproject.yaml', 'a: [')).toEqual([]);
  });
});
