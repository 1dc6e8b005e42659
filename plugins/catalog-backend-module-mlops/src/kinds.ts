/*
 * Our kinds as a layer of the catalog's model. As soon as one layer exists the model checks every entity, the built-in kinds included;
 * their layer comes with the catalog by itself.
 */
import { createCatalogModelLayer } from '@backstage/catalog-model/alpha';
import { MLOPS_API_VERSION } from '@backstage-mlops/mlops-core';

const [group, version] = MLOPS_API_VERSION.split('/');
const text = { type: 'string' as const, minLength: 1 };
const refs = { type: 'array' as const, items: text };

const relationField = (
  path: string,
  relation: string,
  defaultKind: string,
  allowedKinds?: string[],
) => ({
  selector: { path },
  relation,
  defaultKind,
  defaultNamespace: 'inherit' as const,
  ...(allowedKinds ? { allowedKinds } : {}),
});
const ownedBy = relationField('spec.owner', 'ownedBy', 'Group', [
  'User',
  'Group',
]);
const inSystem = relationField('spec.system', 'partOf', 'System', ['System']);
const inProject = relationField('spec.project', 'partOf', 'MLProject', [
  'MLProject',
]);
const dependsOn = relationField('spec.dependsOn', 'dependsOn', 'Component');

const schema = (properties: Record<string, object>, required: string[]) => ({
  jsonSchema: {
    type: 'object',
    required: ['spec'],
    properties: { spec: { type: 'object', required, properties } },
  },
});

const kinds = [
  {
    group,
    names: { kind: 'MLProject', singular: 'mlproject', plural: 'mlprojects' },
    description:
      'A machine-learning project: a folder in the GitOps repository.',
    versions: [
      {
        name: version,
        relationFields: [ownedBy, inSystem, dependsOn],
        schema: schema(
          {
            owner: text,
            lifecycle: text,
            type: text,
            system: text,
            dependsOn: refs,
          },
          ['owner', 'lifecycle'],
        ),
      },
    ],
  },
  {
    group,
    names: { kind: 'MLModel', singular: 'mlmodel', plural: 'mlmodels' },
    description:
      'A registered model of a machine-learning project. Its versions are in the registry, not in the catalog.',
    versions: [
      {
        name: version,
        relationFields: [ownedBy, inProject, dependsOn],
        schema: schema(
          {
            owner: text,
            lifecycle: text,
            type: text,
            project: text,
            dependsOn: refs,
          },
          ['owner', 'project', 'type'],
        ),
      },
    ],
  },
  {
    group,
    names: {
      kind: 'MLPipeline',
      singular: 'mlpipeline',
      plural: 'mlpipelines',
    },
    description:
      'A pipeline of a machine-learning project: a committed Argo WorkflowTemplate.',
    versions: [
      {
        name: version,
        relationFields: [ownedBy, inProject],
        schema: schema(
          { owner: text, lifecycle: text, type: text, project: text },
          ['owner', 'project'],
        ),
      },
    ],
  },
];

/** The layer with MLProject, MLModel and MLPipeline. @public */
export const mlopsModelLayer = createCatalogModelLayer({
  layerId: 'backstage-mlops/kinds',
  builder(model) {
    for (const kind of kinds) model.addKind(kind);
    const ours = kinds.map(({ names }) => names.kind);
    const relate = (
      fromKind: string[],
      toKind: string[],
      description: string,
      types: [string, string, string, string],
    ) => {
      const [type, title, reverseType, reverseTitle] = types;
      model.addRelationPair({
        fromKind,
        toKind,
        description,
        forward: { type, title },
        reverse: { type: reverseType, title: reverseTitle },
      });
    };
    relate(ours, ['Group', 'User'], 'Who is responsible.', [
      'ownedBy',
      'owned by',
      'ownerOf',
      'owner of',
    ]);
    relate(['MLProject'], ['System'], 'The system that a project belongs to.', [
      'partOf',
      'part of',
      'hasPart',
      'has part',
    ]);
    relate(
      ['MLModel', 'MLPipeline'],
      ['MLProject'],
      'The project of a model or pipeline.',
      ['partOf', 'part of', 'hasPart', 'has part'],
    );
    relate(
      ['MLProject', 'MLModel'],
      ['Component', 'Resource'],
      'What a project or model needs.',
      ['dependsOn', 'depends on', 'dependencyOf', 'dependency of'],
    );
  },
});
