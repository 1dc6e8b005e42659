import type { KubeClient } from './KubeClient';
import { KubeError } from './KubeError';
import type { KubeObject } from './ListWatch';

const pageSize = 500;

/** All objects below a path, page by page. KubeError when what comes is no list. */
export async function listAll(
  client: KubeClient,
  path: string,
  labelSelector?: string,
): Promise<KubeObject[]> {
  const items: KubeObject[] = [];
  let from: string | undefined;
  do {
    const page: any = await client.call({
      path,
      query: { labelSelector, limit: pageSize, continue: from },
      timeoutMs: 30_000,
    });
    if (!Array.isArray(page.items))
      throw new KubeError(`${path} answered no list`, 0);
    items.push(...page.items);
    from = page.metadata?.continue || undefined;
  } while (from);
  return items;
}
