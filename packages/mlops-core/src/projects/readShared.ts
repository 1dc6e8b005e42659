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

/** Reads the shared folder. Other kinds of manifests are for a cluster and are passed over. Never throws. @public */
export function readShared(folder: string, files: ProjectFile[]): SharedFiles {
  const templates = new Map<string, ParsedWorkflow>();
  const config = new Map<string, string>();
  const problems: Problem[] = [];
  for (const { path, text } of files) {
    if (text === undefined || !isSharedFile(path)) continue;
    const file = `${folder}/${path}`;
    for (const { value } of readYaml(text, file).documents) {
      const manifest = value as Record<string, any> | null;
      if (manifest?.kind === 'ConfigMap')
        for (const [key, entry] of Object.entries(manifest.data ?? {}))
          config.set(`${manifest.metadata?.name}/${key}`, String(entry));
    }
    if (!/kind:\s*["']?(Cluster)?WorkflowTemplate\b/.test(text)) continue;
    const parsed = parseWorkflows(text, file);
    problems.push(...parsed.problems);
    for (const document of parsed.documents) {
      if (!document.kind.endsWith('WorkflowTemplate')) continue;
      const cluster = document.kind === 'ClusterWorkflowTemplate';
      templates.set(
        cluster ? `cluster/${document.name}` : document.name,
        document,
      );
    }
  }
  return {
    templates: (name, clusterScope) =>
      templates.get(clusterScope ? `cluster/${name}` : name)?.manifest,
    config: (name, key) => config.get(`${name}/${key}`),
    problems,
  };
}
