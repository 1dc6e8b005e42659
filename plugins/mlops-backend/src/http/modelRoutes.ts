import { rest } from './rest';
import type { Route } from './route';
import type { RouteTargets } from './routes';
import { sendBytes } from './sendBytes';

/** Models and their versions. */
export function modelRoutes({ models, tracking }: RouteTargets): Route[] {
  return [
    {
      method: 'get',
      path: '/models/:project/:model',
      permission: 'modelRead',
      event: 'model-get',
      handle: async ({ request, may }) => ({
        ...(await models.model(request.params.project, request.params.model)),
        allowed: { promote: await may('modelPromote') },
      }),
    },
    {
      method: 'get',
      path: '/models/:project/:model/versions/:version',
      permission: 'modelRead',
      event: 'model-version-get',
      handle: ({ request }) =>
        models.version(
          request.params.project,
          request.params.model,
          request.params.version,
        ),
    },
    {
      method: 'get',
      path: '/models/:project/:model/versions/:version/files/*',
      permission: 'modelRead',
      event: 'model-file-get',
      handle: async call => {
        const { project, model, version } = call.request.params as Record<
          string,
          string
        >;
        await sendBytes(
          call.response,
          rest(call),
          await tracking.openVersionFile(
            `${project}.${model}`,
            version,
            rest(call),
          ),
        );
      },
    },
  ];
}
