import { pageToken, type Fields } from '../fields';
import { compareBy, type Facts } from './facts';
import { toOrders, type Order, type SearchTarget } from './SearchTarget';

/** How a list is asked for. */
export interface PageOptions {
  fields: Fields;
  target: SearchTarget;
  limits: { fallback: number; max: number };
  /** What settles an order that the caller gave. */
  tieBreak: Order;
}

/** Reads `order_by`, `max_results` and `page_token`; what comes back puts what was found in order and shows one page of it. */
export function pageOf({ fields, target, limits, tieBreak }: PageOptions) {
  const limit = fields.maxResults(limits.fallback, limits.max);
  const offset = fields.offset();
  const orders = toOrders(fields.strings('order_by'), target);
  if (orders.length > 0) orders.push(tieBreak);
  return async <T extends { facts: Facts }>(
    name: string,
    found: T[],
    show: (item: T) => object | Promise<object>,
  ): Promise<object> => {
    const before = compareBy(orders);
    const shown = [...found]
      .sort((a, b) => before(a.facts, b.facts))
      .slice(offset, offset + limit);
    return {
      ...(shown.length
        ? { [name]: await Promise.all(shown.map(item => show(item))) }
        : {}),
      ...(found.length > offset + limit
        ? { next_page_token: pageToken(offset + limit) }
        : {}),
    };
  };
}
