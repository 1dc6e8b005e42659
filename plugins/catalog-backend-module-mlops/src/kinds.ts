/*
 * Our kinds as a layer of the catalog's model. As soon as a layer exists the model checks every entity, the built-in kinds
 * included, which come with it.
 */
import { createCatalogModelLayer } from '@backstage/catalog-model/alpha';

const text = { type: 'string' as const };
const owned = [{ selector: { path: 'spec.owner' }, relation: 'ownedBy', defaultKind: 'Group', defaultNamespace: 'inherit' as const, allowedKinds: ['User', 'Group'] }];
const inSystem = { selector: { path: 'spec.system' }, relation: 'partOf', defaultKind: 'System', defaultNamespace: 'inherit' as const, allowedKinds: ['System'] };
const inProject = { selector: { path: 'spec.project' }, relation: 'partOf', defaultKind: 'MLProject', defaultNamespace: 'inherit' as const, allowedKinds: ['MLProject'] };
const dependsOn = { selector: { path: 'spec.dependsOn' }, relation: 'dependsOn', defaultKind: 'Component', defaultNamespace: 'inherit' as const };

const schema = (properties: Record<string, object>, required: string[]) => ({ jsonSchema: { type: 'object', properties: { spec: { type: 'object', required, properties } } } });

const kinds = [
  {
    group: 'backstage-mlops',
    names: { kind: 'MLProject', singular: 'mlproject', plural: 'mlprojects' },
    description: 'A machine-learning project: a folder in the GitOps repository.',
    versions: [{ name: 'v1alpha1', relationFields: [...owned, inSystem, dependsOn], schema: schema({ owner: text, lifecycle: text, type: text, system: text, dependsOn: { type: 'array', items: text } }, ['owner', 'lifecycle']) }],
  },
  {
    group: 'backstage-mlops',
    names: { kind: 'MLModel', singular: 'mlmodel', plural: 'mlmodels' },
    description: 'A registered model of a machine-learning project.',
    versions: [{ name: 'v1alpha1', relationFields: [...owned, inProject, dependsOn], schema: schema({ owner: text, lifecycle: text, type: text, project: text, dependsOn: { type: 'array', items: text } }, ['owner', 'project']) }],
  },
  {
    group: 'backstage-mlops',
    names: { kind: 'MLPipeline', singular: 'mlpipeline', plural: 'mlpipelines' },
    description: 'A pipeline of a machine-learning project: a committed Argo WorkflowTemplate.',
    versions: [{ name: 'v1alpha1', relationFields: [...owned, inProject], schema: schema({ owner: text, lifecycle: text, type: text, project: text }, ['owner', 'project']) }],
  },
];

/** The layer with MLProject, MLModel and MLPipeline. */
export const mlopsModelLayer = createCatalogModelLayer({
  layerId: 'backstage-mlops/kinds',
  builder(model) {
    for (const kind of kinds) model.addKind(kind);
    const ours = ['MLProject', 'MLModel', 'MLPipeline'];
    const relation = (fromKind: string[], toKind: string[], description: string, forward: [string, string], reverse: [string, string]) =>
      model.addRelationPair({ fromKind, toKind, description, forward: { type: forward[0], title: forward[1] }, reverse: { type: reverse[0], title: reverse[1] } });
    relation(ours, ['Group', 'User'], 'Who is responsible.', ['ownedBy', 'owned by'], ['ownerOf', 'owner of']);
    relation(['MLProject'], ['System'], 'The system that a project belongs to.', ['partOf', 'part of'], ['hasPart', 'has part']);
    relation(['MLModel', 'MLPipeline'], ['MLProject'], 'The project of a model or pipeline.', ['partOf', 'part of'], ['hasPart', 'has part']);
    relation(['MLProject', 'MLModel'], ['Component', 'Resource'], 'What a project or model needs.', ['dependsOn', 'depends on'], ['dependencyOf', 'dependency of']);
  },
});
