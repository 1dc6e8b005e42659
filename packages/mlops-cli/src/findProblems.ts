/* What is wrong with the files under a path: by the portal's own reader for projects, by the engine's for workflows alone. */
import {
  lintWorkflow,
  parseWorkflows,
  type ParsedWorkflow,
  type Problem,
  type TemplateLookup,
} from '@backstage-mlops/argo-engine';
import {
  isProjectFile,
  isSharedFile,
  noSharedFiles,
  readProject,
  readShared,
  type SharedFiles,
} from '@backstage-mlops/mlops-core';
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { readFolder } from './readFolder';
import { WrongUse } from './WrongUse';

/** Problems of all files under some paths, without doubles. */
export function findProblems(paths: string[]): Problem[] {
  const found = paths.flatMap(given => {
    const stat = statSync(given, { throwIfNoEntry: false });
    if (!stat) throw new WrongUse(`There is no '${given}'.`);
    const at = path.normalize(given).replace(/\/$/, '');
    return stat.isDirectory()
      ? problemsOfFolder(at)
      : problemsOfWorkflows(path.dirname(at), [path.basename(at)]);
  });
  const seen = new Set<string>();
  return found.filter(problem => {
    const key = JSON.stringify(problem);
    return !seen.has(key) && seen.add(key);
  });
}

function problemsOfFolder(folder: string): Problem[] {
  if (existsSync(path.join(folder, 'mlproject.yaml')))
    return problemsOfProject(folder);
  const projects = existsSync(path.join(folder, 'ml-projects'))
    ? path.join(folder, 'ml-projects')
    : folder;
  const names = readdirSync(projects, { withFileTypes: true })
    .filter(
      entry =>
        entry.isDirectory() &&
        existsSync(path.join(projects, entry.name, 'mlproject.yaml')),
    )
    .map(entry => entry.name);
  if (names.length > 0)
    return [
      ...names.flatMap(name => problemsOfProject(path.join(projects, name))),
      ...sharedOf(projects).problems,
    ];
  return problemsOfWorkflows(
    folder,
    readFolder(folder, isSharedFile).map(file => file.path),
  );
}

const problemsOfProject = (folder: string): Problem[] => {
  const read = readProject(
    folder,
    readFolder(folder, isProjectFile),
    sharedOf(path.dirname(folder)),
  );
  // Notices of pipelines are not faults of the project, but a reader of the command wants them.
  const notices = [...read.pipelines, ...read.schedules].flatMap(item =>
    item.problems.filter(problem => problem.severity !== 'error'),
  );
  return [...read.problems, ...notices];
};

/** The `argo` folder beside the folder of projects. */
export function sharedOf(projects: string): SharedFiles {
  const folder = path.join(path.dirname(projects), 'argo');
  return existsSync(folder)
    ? readShared(folder, readFolder(folder, isSharedFile))
    : noSharedFiles;
}

// Other kinds of manifests lie in the same folders; they are no workflows and nothing is said of them. A workflow is known by its
// kind as well, since its apiVersion may be what is wrong with it.
const isWorkflow = (text: string) =>
  /apiVersion:\s*["']?argoproj\.io|kind:\s*["']?((Cluster)?WorkflowTemplate|(Cron)?Workflow)\b/.test(
    text,
  );

function problemsOfWorkflows(folder: string, names: string[]): Problem[] {
  const documents: ParsedWorkflow[] = [];
  const problems: Problem[] = [];
  const files = readFolder(folder, name => names.includes(name));
  for (const { path: name, text } of files) {
    const file = path.join(folder, name);
    if (text === undefined)
      throw new WrongUse(`'${file}' cannot be read as text.`);
    if (names.length > 1 && !isWorkflow(text)) continue;
    const parsed = readManifests(text, file);
    documents.push(...parsed.documents);
    problems.push(...parsed.problems);
  }
  const templates = lookupIn(documents);
  return [
    ...problems,
    ...documents.flatMap(document => lintWorkflow(document, templates)),
  ];
}

/** The workflows of a file; other manifests in it are passed over, as Argo's commands do. */
export function readManifests(
  text: string,
  file: string,
): ReturnType<typeof parseWorkflows> {
  const { documents, problems } = parseWorkflows(text, file);
  return {
    documents,
    problems: problems.filter(({ code }) => code !== 'other-manifest'),
  };
}

/** Finds templates among documents, as Argo's `lint --offline` does. */
export function lookupIn(documents: ParsedWorkflow[]): TemplateLookup {
  return (name, clusterScope) =>
    documents.find(
      document =>
        document.name === name &&
        document.kind ===
          (clusterScope ? 'ClusterWorkflowTemplate' : 'WorkflowTemplate'),
    )?.manifest;
}
