/*
 * The only place that knows addresses: it builds every link, and gives pages the names in theirs. How an app tells where it mounted the
 * plugin differs between the two frontend systems; `RoutingContext` holds the way of this app.
 */
import {
  createExternalRouteRef,
  createRouteRef,
  useRouteRef,
} from '@backstage/frontend-plugin-api';
import { createContext, useCallback, useContext, useMemo } from 'react';
import { useParams, useSearchParams } from 'react-router-dom';

/** Where the pages are mounted. */
export const rootRouteRef = createRouteRef();

/** The form of a template; an app without the scaffolder has none. */
export const templateRouteRef = createExternalRouteRef({
  params: ['namespace', 'templateName'],
  defaultTarget: 'scaffolder.selectedTemplate',
});

const usualRoot = '/mlops';

type Query = Record<string, string | number | undefined>;

function queryOf(values: Query): string {
  const given = Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, String(value)]],
  );
  const text = new URLSearchParams(given).toString();
  return text === '' ? '' : `?${text}`;
}

/** Links to every page below a mount point. */
export function createLinks(root: string = usualRoot) {
  const join = (...parts: string[]) =>
    [root.replace(/\/$/, ''), ...parts.map(encodeURIComponent)].join('/');
  return {
    home: () => root,
    project: (project: string, tab?: string) =>
      tab ? join('projects', project, tab) : join('projects', project),
    pipeline: (
      project: string,
      pipeline: string,
      at: { ref?: string; line?: number } = {},
    ) => `${join('projects', project, 'pipelines', pipeline)}${queryOf(at)}`,
    startRun: (
      project: string,
      pipeline: string,
      at: { ref?: string; from?: string } = {},
    ) =>
      `${join('projects', project, 'pipelines', pipeline, 'run')}${queryOf(
        at,
      )}`,
    model: (project: string, model: string) =>
      join('projects', project, 'models', model),
    version: (project: string, model: string, version: string) =>
      join('projects', project, 'models', model, version),
    promote: (
      project: string,
      model: string,
      version: string,
      alias?: string,
    ) =>
      `${join(
        'projects',
        project,
        'models',
        model,
        version,
        'promote',
      )}${queryOf({ alias: alias === 'champion' ? undefined : alias })}`,
    dataset: (project: string, dataset: string) =>
      join('projects', project, 'data', dataset),
    run: (
      run: string,
      at: { node?: string; tab?: string; line?: number | 'error' } = {},
    ) => `${join('runs', run)}${queryOf(at)}`,
    changes: (at: { project?: string; state?: string } = {}) =>
      `${join('changes')}${queryOf(at)}`,
    newChange: (
      project: string,
      pipeline: string,
      at: {
        /** A run whose parameters become the defaults. */
        from?: string;
        /** A template that the reader wants to change. */
        template?: string;
        /** A request whose branch is edited, instead of a new one. */
        change?: string;
      } = {},
    ) => `${join('changes', 'new')}${queryOf({ project, pipeline, ...at })}`,
    editFiles: (
      project: string,
      at: {
        /** The file that is open. */
        file?: string;
        /** A request whose branch is edited, instead of a new one. */
        change?: string;
      } = {},
    ) => `${join('changes', 'files')}${queryOf({ project, ...at })}`,
    change: (
      change: string,
      at: { file?: string; diff?: 'split' | 'unified' } = {},
    ) => `${join('changes', change)}${queryOf(at)}`,
  };
}

type TemplateParams = { namespace: string; templateName: string };

/** How an app tells its addresses; hooks, the same ones for the whole life of an app. */
export interface Routing {
  /** Where the pages are mounted; undefined when they are not. */
  useRoot(): string | undefined;
  /** Builds the address of a template's form; undefined in an app without the scaffolder. */
  useTemplate(): ((params: TemplateParams) => string) | undefined;
}

/** The routing of this app; without a provider that of the new frontend system. */
export const RoutingContext = createContext<Routing>({
  useRoot: () => useRouteRef(rootRouteRef)?.(),
  useTemplate: () => useRouteRef(templateRouteRef),
});

/** Links below the place where this app has mounted the plugin. */
export function useLinks(): ReturnType<typeof createLinks> {
  const { useRoot } = useContext(RoutingContext);
  const root = useRoot() ?? usualRoot;
  return useMemo(() => createLinks(root), [root]);
}

/** Whether this app shows the pages; cards and tabs are there without them, too. */
export function useHasPages(): boolean {
  const { useRoot } = useContext(RoutingContext);
  return useRoot() !== undefined;
}

/** The form that asks for a new project; undefined in an app without it. */
export function useNewProjectLink(): string | undefined {
  const { useTemplate } = useContext(RoutingContext);
  return useTemplate()?.({
    namespace: 'default',
    templateName: 'ml-project',
  });
}

/** Patterns of the pages below the root, for the router. */
export const patterns = {
  startRun: 'projects/:project/pipelines/:pipeline/run',
  pipeline: 'projects/:project/pipelines/:pipeline',
  promote: 'projects/:project/models/:model/:version/promote',
  version: 'projects/:project/models/:model/:version',
  model: 'projects/:project/models/:model',
  dataset: 'projects/:project/data/:dataset',
  projectTab: 'projects/:project/:tab',
  project: 'projects/:project',
  run: 'runs/:run',
  changes: 'changes',
  newChange: 'changes/new',
  editFiles: 'changes/files',
  change: 'changes/:change',
};

/** The names in the address of a page. */
export function useNames(): Record<string, string> {
  return useParams() as Record<string, string>;
}

/** How the history takes a change: a filter replaces its entry; what somebody opens is a step of its own, which Back takes back. */
type InHistory = 'replace' | 'step';

/** Filters, tabs and selections in the address. */
export function useQuery(): [
  URLSearchParams,
  (changes: Query, inHistory?: InHistory) => void,
] {
  const [query, setQuery] = useSearchParams();
  const change = useCallback(
    (changes: Query, inHistory: InHistory = 'replace') => {
      const next = new URLSearchParams(query);
      for (const [key, value] of Object.entries(changes)) {
        if (value === undefined || value === '') next.delete(key);
        else next.set(key, String(value));
      }
      // What is open already is not opened once more.
      const isStep = inHistory === 'step' && String(next) !== String(query);
      setQuery(next, { replace: !isStep });
    },
    [query, setQuery],
  );
  return [query, change];
}

/** The same page with one more or another value in its query, for links that can be copied. */
export function useQueryLink(): (changes: Query) => string {
  const [query] = useSearchParams();
  return useCallback(
    changes => {
      const next = new URLSearchParams(query);
      for (const [key, value] of Object.entries(changes))
        if (value !== undefined) next.set(key, String(value));
      return `?${next}`;
    },
    [query],
  );
}
