/*
 * Where the portal's pages are, for what a backend says of them: results of a search, notices, entities, checks. The pages themselves
 * build their links from the router (`routing.ts` of the frontend plugin), which knows where the app put them.
 */
import { InputError } from '../errors';

/** As much of a configuration as is read here. @public */
export interface PagesConfig {
  getOptional(key: string): unknown;
}

const usualRoot = '/mlops';
const ownKey = 'mlops.app.path';
const pageExtension = 'page:mlops';

/** Paths of pages below the address of the app. @public */
export interface PortalPages {
  home(): string;
  project(project: string): string;
  pipeline(project: string, pipeline: string): string;
  dataset(project: string, dataset: string): string;
  model(project: string, model: string): string;
  version(project: string, model: string, version: string): string;
  run(run: string): string;
  change(change: string): string;
}

/** Paths of pages below a root, by default `/mlops`. @public */
export function portalPages(root: string = usualRoot): PortalPages {
  const join = (...parts: string[]) =>
    [root.replace(/\/$/, ''), ...parts.map(encodeURIComponent)].join('/');
  return {
    home: () => root.replace(/\/$/, '') || '/',
    project: project => join('projects', project),
    pipeline: (project, pipeline) =>
      join('projects', project, 'pipelines', pipeline),
    dataset: (project, dataset) => join('projects', project, 'data', dataset),
    model: (project, model) => join('projects', project, 'models', model),
    version: (project, model, version) =>
      join('projects', project, 'models', model, version),
    run: run => join('runs', run),
    change: change => join('changes', change),
  };
}

/**
 * Where the pages are by the configuration: `mlops.app.path`; without it what `app.extensions` gives the page `page:mlops`; without that
 * `/mlops`. Throws InputError for what is no path.
 *
 * @public
 */
export function readPortalPages(config: PagesConfig): PortalPages {
  const own = config.getOptional(ownKey);
  if (own !== undefined) return portalPages(checkPath(ownKey, own));
  const moved = movedTo(config.getOptional('app.extensions'));
  return portalPages(
    moved === undefined
      ? usualRoot
      : checkPath(`the path of ${pageExtension} in app.extensions`, moved),
  );
}

// The app reads the list from its beginning to its end; what comes later stands.
function movedTo(extensions: unknown): unknown {
  if (!Array.isArray(extensions)) return undefined;
  return extensions
    .map(item => item?.[pageExtension]?.config?.path)
    .filter(path => path !== undefined)
    .pop();
}

function checkPath(what: string, path: unknown): string {
  if (
    typeof path === 'string' &&
    /^\/[^\s?#]*$/.test(path) &&
    !/\/\//.test(path)
  )
    return path;
  throw new InputError(
    `${what} is ${JSON.stringify(
      path,
    )}; it is a path that begins with '/', as '/ml'`,
    'invalid-field',
  );
}
