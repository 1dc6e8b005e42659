import { requestOf } from './changeRoutes';
import type { Route } from './route';
import type { RouteTargets } from './routes';

/** What edits would do, before anybody proposes them. */
export function effectRoutes({ changes }: RouteTargets): Route[] {
  return [
    {
      method: 'post',
      path: '/effect',
      permission: 'projectRead',
      event: 'effect-get',
      bodyBytes: 1024 * 1024,
      handle: async call => {
        const request = requestOf(call);
        const effect = await changes.effects.preview(request);
        call.record({ base: effect.base, files: effect.files.length });
        return effect;
      },
    },
  ];
}
