import type { Entity } from '@backstage/catalog-model';

/** What an entity of ours says of the thing that it stands for. */
export interface EntityTarget {
  project: string;
  /** Name of the model, pipeline or dataset within its project. */
  name: string;
  file?: string;
  commit?: string;
}

/** Marks an entity that stands for something in a project. */
export const projectAnnotation = 'backstage-mlops/project';

/** Reads the annotations that the catalog module writes; undefined for any other entity. */
export function toEntityTarget(entity: Entity): EntityTarget | undefined {
  const { annotations = {} } = entity.metadata;
  const project = annotations[projectAnnotation];
  if (!project) return undefined;
  return {
    project,
    name: annotations['backstage-mlops/name'] ?? entity.metadata.name,
    file: annotations['backstage-mlops/file'],
    commit: annotations['backstage-mlops/commit'],
  };
}

/** Whether an entity belongs to a project: by annotation, which any Component may carry. @public */
export function ofProject(entity: Entity): boolean {
  return toEntityTarget(entity) !== undefined;
}

/** References of the models that an entity depends on. */
export function consumedModelRefs({ relations = [] }: Entity): string[] {
  return relations
    .filter(
      ({ type, targetRef }) =>
        type === 'dependsOn' && targetRef.startsWith('mlmodel:'),
    )
    .map(({ targetRef }) => targetRef);
}

/** Whether an entity depends on a model. @public */
export function consumesModel(entity: Entity): boolean {
  return consumedModelRefs(entity).length > 0;
}
