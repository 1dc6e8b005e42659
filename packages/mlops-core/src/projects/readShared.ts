/* Files that all projects of a repository share: the templates and ConfigMaps of its `argo/` folder. */
import {
  parseWorkflows,
  readYaml,
  type ConfigLookup,
  type ParsedWorkflow,
  type Problem,
  type TemplateLookup,
} from '@backstage-mlops/argo-engine';
import type { ProjectFile } from './readProject';

/** What the `argo/` folder gives. @public */
export interface SharedFiles {
  templates: TemplateLookup;
  config: ConfigLookup;
  problems: Problem[];
}

/** Shared files of a repository that has none. @public */
export const noSharedFiles: SharedFiles = {
  templates: () => undefined,
  config: () => undefined,
  problems: [],
};

/** Files of the shared folder that are read. @public */
export const isSharedFile = (path: string) => /\.ya?ml$/.test(path);

/** What a shared folder gives, as plain data that may go from thread to thread. @public */
export interface SharedData {
  /** Manifests of templates by name; those of the cluster as `cluster/<name>`. */
  templates: [name: string, manifest: ParsedWorkflow['manifest']][];
  /** Entries of ConfigMaps, as `<name>/<key>`. */
  config: [name: string, value: string][];
  problems: Problem[];
}

/** Reads the shared folder. Other kinds of manifests are for a cluster and are passed over. Never throws. @public */
export function readShared(folder: string, files: ProjectFile[]): SharedFiles {
  return toSharedFiles(readSharedData(folder, files));
}

/** What {@link readShared} finds, before anybody looks something up. @public */
export function readSharedData(
  folder: string,
  files: ProjectFile[],
): SharedData {
  const data: SharedData = { templates: [], config: [], problems: [] };
  for (const { path, text } of files) {
    if (text === undefined || !isSharedFile(path)) continue;
    const file = `${folder}/${path}`;
    for (const { value } of readYaml(text, file).documents) {
      const manifest = value as Record<string, any> | null;
      if (manifest?.kind === 'ConfigMap')
        for (const [key, entry] of Object.entries(manifest.data ?? {}))
          data.config.push([
            `${manifest.metadata?.name}/${key}`,
            String(entry),
          ]);
    }
    if (!/kind:\s*["']?(Cluster)?WorkflowTemplate\b/.test(text)) continue;
    const parsed = parseWorkflows(text, file);
    data.problems.push(...parsed.problems);
    for (const { kind, name, manifest } of parsed.documents)
      if (kind === 'ClusterWorkflowTemplate')
        data.templates.push([`cluster/${name}`, manifest]);
      else if (kind === 'WorkflowTemplate')
        data.templates.push([name, manifest]);
  }
  return data;
}

/** Finds templates and values by name. @public */
export function toSharedFiles(data: SharedData): SharedFiles {
  const templates = new Map(data.templates);
  const config = new Map(data.config);
  return {
    templates: (name, clusterScope) =>
      templates.get(clusterScope ? `cluster/${name}` : name),
    config: (name, key) => config.get(`${name}/${key}`),
    problems: data.problems,
  };
}
