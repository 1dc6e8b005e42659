import { openApiDocument } from './openApi/document';
import { answersWithin } from './QuietDatabase';
import type { Route } from './route';
import type { RouteTargets } from './routes';

/** The portal about itself: health, the description of its routes, what the catalog is told. */
export function portalRoutes({
  changes,
  queue,
  projects,
  engine,
  clusters,
  loops,
  tracking,
}: RouteTargets): Route[] {
  return [
    {
      method: 'get',
      path: '/health',
      permission: 'public',
      event: 'health-get',
      handle: async () => {
        const database = await answersWithin(
          tracking.knex('mlops_runs').first('id'),
          2000,
        );
        const parts = {
          database: database ? 'ok' : 'failed',
          disk: (await queue.space.complaint()) ? 'failed' : 'ok',
          ...Object.fromEntries(loops.map(loop => [loop.name, loop.state])),
        };
        const states = Object.values(parts);
        const engines = clusters.health();
        const notices = database
          ? await changes.history.notices().catch(() => [])
          : [];
        return {
          status: states.every(state => ['ok', 'starting'].includes(state))
            ? 'ok'
            : 'failed',
          parts,
          ...(notices.length > 0 ? { notices } : {}),
          ...(Object.keys(engines).length > 0 ? { engines } : {}),
          activeRuns: engine.activeRuns,
        };
      },
    },
    {
      method: 'get',
      path: '/openapi.json',
      permission: 'projectRead',
      event: 'openapi-get',
      lists: true,
      handle: async () => openApiDocument,
    },
    {
      method: 'get',
      path: '/catalog',
      permission: 'projectRead',
      event: 'catalog-get',
      lists: true,
      handle: async call =>
        projects.catalog(await call.projectsOf('projectRead')),
    },
  ];
}
