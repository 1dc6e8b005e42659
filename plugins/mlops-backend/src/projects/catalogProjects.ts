import type { CatalogFacts, ReadProject } from '@backstage-mlops/mlops-core';
import type { Reconciler } from '../sync/Reconciler';

/** How a project, or one thing of it, stands against git, as a field that is left out when nobody knows. */
export const syncField = (
  syncOf: Reconciler['stateOf'] | undefined,
  ...of: Parameters<Reconciler['stateOf']>
) => {
  const sync = syncOf?.(...of);
  return sync ? { sync } : {};
};

/** What the catalog is told of projects. One without a project file has no owner, so nothing is told of it. */
export function catalogProjects(
  shown: ReadProject[],
  syncOf: Reconciler['stateOf'] | undefined,
): CatalogFacts['projects'] {
  return shown.flatMap(({ project: file, path, name, ...read }) => {
    if (!file) return [];
    const { metadata, spec } = file;
    return [
      {
        name,
        title: metadata.title,
        description: metadata.description,
        owner: spec.owner,
        lifecycle: spec.lifecycle,
        system: spec.system,
        component: spec.component,
        tags: metadata.tags ?? [],
        links: metadata.links ?? [],
        path,
        ...syncField(syncOf, name),
        models: read.models.map(model => ({
          ...syncField(syncOf, name, { kind: 'alias', model: model.name }),
          name: model.name,
          title: model.value?.metadata.title,
          description: model.value?.metadata.description,
          task: model.value?.spec.task ?? 'unknown',
          file: model.file,
        })),
        pipelines: read.pipelines.map(pipeline => ({
          ...syncField(syncOf, name, {
            kind: 'pipeline',
            name: pipeline.name,
          }),
          name: pipeline.name,
          title: pipeline.title,
          description: pipeline.description,
          file: pipeline.file,
        })),
        datasets: read.datasets.map(dataset => ({
          name: dataset.name,
          title: dataset.value?.metadata.title,
          description: dataset.value?.metadata.description,
          file: dataset.file,
        })),
      },
    ];
  });
}
