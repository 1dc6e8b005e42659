/* What the repository has, as entities of the catalog. Pure: the same facts give the same entities. */
import {
  ANNOTATION_LOCATION,
  ANNOTATION_ORIGIN_LOCATION,
  ANNOTATION_SOURCE_LOCATION,
  ANNOTATION_VIEW_URL,
  parseEntityRef,
  stringifyEntityRef,
  type Entity,
} from '@backstage/catalog-model';
import {
  MLOPS_API_VERSION,
  portalPages,
  type CatalogFacts,
  type PortalPages,
} from '@backstage-mlops/mlops-core';
import { createHash } from 'node:crypto';
import { syncAnnotations } from './SyncStatusProcessor';

/** One project of the repository. */
export type ProjectFacts = CatalogFacts['projects'][number];
type Sync = { state: string; message?: string };
type Item = {
  sync?: Sync;
  name: string;
  title?: string;
  description?: string;
  file: string;
};

/** What entities need to know beside the facts. */
export interface ToEntitiesOptions {
  /** Where our entities come from, as `mlops:gitops`. */
  location: string;
  /** Address of the portal, for source links when the repository has no address of its own. */
  portalUrl: string;
  /** Where its pages are. Default: the usual place. */
  pages?: PortalPages;
}

/**
 * The name of an entity that belongs to a project. The catalog takes 63 characters; a longer name is cut and ends with a digest, so
 * that two long names stay two.
 *
 * @public
 */
export function entityName(project: string, item: string): string {
  const name = `${project}-${item}`;
  if (name.length <= 63) return name;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 8);
  return `${name.slice(0, 54).replace(/[-_.]+$/, '')}-${digest}`;
}

class ProjectEntities {
  private readonly pages: PortalPages;
  private readonly page: string;

  constructor(
    private readonly project: ProjectFacts,
    private readonly facts: CatalogFacts,
    private readonly options: ToEntitiesOptions,
  ) {
    this.pages = options.pages ?? portalPages();
    this.page = this.pages.project(project.name);
  }

  all(): Entity[] {
    const { name: project, models, pipelines, datasets } = this.project;
    return [
      this.projectEntity(),
      ...models.map(model =>
        this.part('MLModel', model, this.pages.model(project, model.name), {
          type: model.task,
          ...this.dependsOn(this.datasetRefs()),
        }),
      ),
      ...pipelines.map(pipeline =>
        this.part(
          'MLPipeline',
          pipeline,
          this.pages.pipeline(project, pipeline.name),
          { type: 'argo-workflow-template' },
        ),
      ),
      ...datasets.map(dataset => ({
        ...this.part(
          'Resource',
          dataset,
          this.pages.dataset(project, dataset.name),
          {
            type: 'dataset',
          },
        ),
        apiVersion: 'backstage.io/v1beta1',
      })),
    ];
  }

  private projectEntity(): Entity {
    const {
      name,
      title,
      description,
      tags,
      links,
      owner,
      lifecycle,
      system,
      component,
      path,
    } = this.project;
    // The team's own Component stays the one that it is; the project only points to it.
    const existing = component
      ? [
          stringifyEntityRef(
            parseEntityRef(component, {
              defaultKind: 'Component',
              defaultNamespace: 'default',
            }),
          ),
        ]
      : [];
    return {
      apiVersion: MLOPS_API_VERSION,
      kind: 'MLProject',
      metadata: {
        name,
        title,
        description,
        tags,
        links,
        annotations: {
          ...this.annotations(`${path}/mlproject.yaml`, this.page),
          'backstage.io/techdocs-ref': `url:${this.docsUrl()}`,
          ...syncAnnotation(this.project.sync),
        },
      },
      spec: {
        type: 'machine-learning',
        owner,
        lifecycle,
        ...(system ? { system } : {}),
        ...this.dependsOn([...existing, ...this.datasetRefs()]),
      },
    };
  }

  private part(
    kind: string,
    item: Item,
    page: string,
    spec: Entity['spec'],
  ): Entity {
    const { name, title, owner, lifecycle } = this.project;
    return {
      apiVersion: MLOPS_API_VERSION,
      kind,
      metadata: {
        name: entityName(name, item.name),
        title: item.title ?? `${title ?? name}: ${item.name}`,
        description: item.description,
        annotations: {
          ...this.annotations(item.file, page),
          'backstage-mlops/name': item.name,
          ...syncAnnotation(item.sync),
        },
      },
      spec: { owner, lifecycle, project: name, ...spec },
    };
  }

  private annotations(file: string, page: string): Record<string, string> {
    const { location } = this.options;
    return {
      [ANNOTATION_LOCATION]: location,
      [ANNOTATION_ORIGIN_LOCATION]: location,
      // Without it the catalog would take the location above for a link.
      [ANNOTATION_SOURCE_LOCATION]: `url:${this.sourceUrl(file, page)}`,
      [ANNOTATION_VIEW_URL]: page,
      'backstage-mlops/project': this.project.name,
      'backstage-mlops/file': file,
    };
  }

  // Where TechDocs finds the pages: in the repository, or, when only this portal reads it, here, by our module for TechDocs.
  private docsUrl(): string {
    const { url, branch } = this.facts;
    const { path } = this.project;
    if (!url) return `${this.options.portalUrl.replace(/\/$/, '')}${this.page}`;
    const base = url.replace(/\/$/, '').replace(/\.git$/, '');
    return `${base}/tree/${branch}/${path}/`;
  }

  // A repository on this machine has no page of its own; ours shows the committed file.
  private sourceUrl(file: string, page: string): string {
    const { url, branch } = this.facts;
    if (!url) return `${this.options.portalUrl.replace(/\/$/, '')}${page}`;
    return `${url
      .replace(/\/$/, '')
      .replace(/\.git$/, '')}/blob/${branch}/${file}`;
  }

  private datasetRefs(): string[] {
    return this.project.datasets.map(
      dataset =>
        `resource:default/${entityName(this.project.name, dataset.name)}`,
    );
  }

  private dependsOn(refs: string[]) {
    return refs.length > 0 ? { dependsOn: refs } : {};
  }
}

// The processor makes a status of it, once the entity is in the catalog.
function syncAnnotation(sync: Sync | undefined): Record<string, string> {
  if (!sync) return {};
  const { state, message } = sync;
  return {
    [syncAnnotations.state]: state,
    ...(message && { [syncAnnotations.message]: message.slice(0, 1_000) }),
  };
}

/** Everything that a repository has for the catalog: projects, models, pipelines, and datasets as resources. @public */
export function toEntities(
  facts: CatalogFacts,
  options: ToEntitiesOptions,
): Entity[] {
  return facts.projects.flatMap(project =>
    new ProjectEntities(project, facts, options).all(),
  );
}
