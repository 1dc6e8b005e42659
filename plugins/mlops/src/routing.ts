/*
 * The only place that knows addresses. Everything else builds links here and gets its parameters from the router in App.tsx.
 */
import { createRouteRef } from '@backstage/frontend-plugin-api';

/** Where the pages are mounted. */
export const rootRouteRef = createRouteRef();
const root = '/mlops';
const join = (...parts: string[]) =>
  [root, ...parts.map(encodeURIComponent)].join('/');
const query = (values: Record<string, string | number | undefined>) => {
  const text = new URLSearchParams(
    Object.entries(values).flatMap(([key, value]) =>
      value === undefined ? [] : [[key, String(value)]],
    ),
  ).toString();
  return text === '' ? '' : `?${text}`;
};

/** Links to every page. */
export const links = {
  home: () => root,
  project: (project: string, tab?: string) =>
    tab ? join('projects', project, tab) : join('projects', project),
  pipeline: (
    project: string,
    pipeline: string,
    at: { ref?: string; line?: number; tab?: string } = {},
  ) => `${join('projects', project, 'pipelines', pipeline)}${query(at)}`,
  startRun: (project: string, pipeline: string) =>
    join('projects', project, 'pipelines', pipeline, 'run'),
  model: (project: string, model: string) =>
    join('projects', project, 'models', model),
  version: (project: string, model: string, version: string) =>
    join('projects', project, 'models', model, version),
  dataset: (project: string, dataset: string) =>
    join('projects', project, 'data', dataset),
  run: (run: string, at: { node?: string; tab?: string } = {}) =>
    `${join('runs', run)}${query(at)}`,
  entity: (ref: string) => {
    const [kind, rest] = ref.includes(':') ? ref.split(':') : ['group', ref];
    const [namespace, name] = rest.includes('/')
      ? rest.split('/')
      : ['default', rest];
    return `/catalog/${namespace}/${kind.toLowerCase()}/${name}`;
  },
};

/** Patterns of the pages below the root, for the router. */
export const patterns = {
  home: '',
  project: 'projects/:project',
  projectTab: 'projects/:project/:tab',
  startRun: 'projects/:project/pipelines/:pipeline/run',
  pipeline: 'projects/:project/pipelines/:pipeline',
  version: 'projects/:project/models/:model/:version',
  model: 'projects/:project/models/:model',
  dataset: 'projects/:project/data/:dataset',
  run: 'runs/:run',
};
