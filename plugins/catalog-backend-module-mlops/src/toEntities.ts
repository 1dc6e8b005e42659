import type { Entity } from '@backstage/catalog-model';
import type { CatalogFacts } from '@backstage-mlops/mlops-core';

const apiVersion = 'backstage-mlops/v1alpha1';
type Project = CatalogFacts['projects'][number];

/** Everything that a repository has for the catalog, as entities. */
export function toEntities(facts: CatalogFacts, location: string): Entity[] {
  return facts.projects.flatMap(project => projectEntities(project, facts, location));
}

function projectEntities(project: Project, facts: CatalogFacts, location: string): Entity[] {
  const { owner, lifecycle } = project;
  const annotations = (file: string, page: string) => ({
    'backstage.io/managed-by-location': location,
    'backstage.io/managed-by-origin-location': location,
    'backstage.io/view-url': page,
    'backstage-mlops/project': project.name,
    'backstage-mlops/file': file,
    'backstage-mlops/commit': facts.commit,
  });
  const part = (kind: string, item: { name: string; title?: string; description?: string; file: string }, page: string, spec: Entity['spec']): Entity => ({
    apiVersion,
    kind,
    metadata: { name: `${project.name}-${item.name}`.slice(0, 63).replace(/-+$/, ''), title: item.title ?? `${project.title ?? project.name}: ${item.name}`, description: item.description, annotations: { ...annotations(item.file, page), 'backstage-mlops/name': item.name } },
    spec: { owner, lifecycle, project: project.name, ...spec },
  });
  const datasets = project.datasets.map(dataset => ({
    ...part('Resource', dataset, `/mlops/projects/${project.name}/data/${dataset.name}`, { type: 'dataset' }),
    apiVersion: 'backstage.io/v1beta1',
  }));
  return [
    {
      apiVersion,
      kind: 'MLProject',
      metadata: { name: project.name, title: project.title, description: project.description, tags: project.tags, links: project.links, annotations: annotations(`${project.path}/mlproject.yaml`, `/mlops/projects/${project.name}`) },
      spec: { type: 'machine-learning', owner, lifecycle, ...(project.system ? { system: project.system } : {}), ...(project.component ? { dependsOn: [`component:${project.component.replace(/^component:/, '')}`] } : {}) },
    },
    ...project.models.map(model => part('MLModel', model, `/mlops/projects/${project.name}/models/${model.name}`, { type: model.task, ...(datasets.length ? { dependsOn: datasets.map(dataset => `resource:${dataset.metadata.name}`) } : {}) })),
    ...project.pipelines.map(pipeline => part('MLPipeline', pipeline, `/mlops/projects/${project.name}/pipelines/${pipeline.name}`, { type: 'argo-workflow-template' })),
    ...datasets,
  ];
}
