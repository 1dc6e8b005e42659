/* Files of a project at a commit, as the editor shows them. */
import { ProjectFiles } from '../projects/ProjectFiles';
import { queryText } from './fields';
import type { Route } from './route';
import type { RouteTargets } from './routes';

/** Routes below `projects/:project/files`. */
export function fileRoutes(
  targets: Pick<RouteTargets, 'index' | 'repository'>,
): Route[] {
  const files = new ProjectFiles(targets);
  return [
    {
      method: 'get',
      path: '/projects/:project/files',
      permission: 'projectRead',
      event: 'file-list',
      handle: ({ request }) =>
        files.list(request.params.project, queryText(request, 'ref')),
    },
    {
      method: 'get',
      path: '/projects/:project/files/*',
      permission: 'projectRead',
      event: 'file-get',
      handle({ request }) {
        const params = request.params as Record<string, string>;
        return files.read(params.project, params[0], queryText(request, 'ref'));
      },
    },
  ];
}
