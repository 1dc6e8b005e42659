import type { RouteCall } from './route';

/** What stands for the star at the end of a route's path. */
export const rest = ({ request }: RouteCall) =>
  (request.params as Record<string, string>)[0] ?? '';
