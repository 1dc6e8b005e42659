import { queryInteger } from './fields';
import type { RouteCall } from './route';

const maxPage = 200;

/** How many items a page of a list may have: `limit` of the query, at most 200. */
export const pageLimit = (call: RouteCall, fallback = 50) =>
  queryInteger(call.request, 'limit', { min: 1, max: maxPage, fallback });
