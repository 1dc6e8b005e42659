/* What can be found, as documents of the search. Pure: the same facts give the same documents. */
import type {
  PortalPages,
  ProjectSummary,
  RegisteredModel,
  RunSummary,
} from '@backstage-mlops/mlops-core';
import type { IndexableDocument } from '@backstage/plugin-search-common';

/** A document; `kind` tells what it stands for. */
export interface MlopsDocument extends IndexableDocument {
  kind: 'project' | 'model' | 'version' | 'run';
  project: string;
}

// The right to see a project is the right to see what belongs to it.
const seenWith = (project: string) => ({
  authorization: { resourceRef: project },
  project,
});
const words = (...parts: (string | undefined)[]) =>
  parts.filter(Boolean).join(' ');

/** A project: found by title, name, description, owner, tags, and what it holds. */
export function projectDocument(
  project: ProjectSummary,
  pages: PortalPages,
): MlopsDocument {
  const { name, title, description, owner, tags, pipelines, datasets } =
    project;
  return {
    kind: 'project',
    title,
    text: words(
      description,
      name,
      owner,
      ...tags,
      ...pipelines,
      ...datasets,
      ...project.models.map(model => model.title ?? model.name),
    ),
    location: pages.project(name),
    ...seenWith(name),
  };
}

/** A model, and each version of it. */
export function modelDocuments(
  model: RegisteredModel,
  pages: PortalPages,
): MlopsDocument[] {
  const { project, name, title = name, versions, aliases } = model;
  const aliasesOf = (version: string) =>
    aliases
      .filter(alias => alias.version === version)
      .map(({ alias }) => alias);
  return [
    {
      kind: 'model',
      title,
      text: words(
        model.intendedUse,
        name,
        project,
        model.task,
        ...(model.classes ?? []),
        ...aliases.map(({ alias }) => alias),
      ),
      location: pages.model(project, name),
      ...seenWith(project),
    },
    ...versions.map(({ version, commit, digest, runId, ...rest }) => ({
      kind: 'version' as const,
      title: `${title}, version ${version}`,
      text: words(
        project,
        name,
        ...aliasesOf(version),
        runId,
        commit,
        digest,
        rest.dataset?.name,
      ),
      location: pages.version(project, name, version),
      ...seenWith(project),
    })),
  ];
}

/** A run: found by id, pipeline, state, who started it, commit and message. */
export function runDocument(
  run: RunSummary,
  pages: PortalPages,
): MlopsDocument {
  const { id, project, pipeline, phase, message, trigger, commit } = run;
  return {
    kind: 'run',
    title: `Run ${id}`,
    text: words(project, pipeline, phase, trigger.by, commit, message),
    location: pages.run(id),
    ...seenWith(project),
  };
}
