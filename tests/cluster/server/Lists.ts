/* Lists in pages: all pages of one are as it was when it began. */
import { randomUUID } from 'node:crypto';
import { Fault, type KubeObject, type Objects } from './objects.ts';
import { selectorOf } from './selectors.ts';
import type { Switches } from './Switches.ts';
import type { Target } from './targets.ts';

/** What is left of a list. */
interface Page {
  version: number;
  items: KubeObject[];
}

const mostPages = 200;

export class Lists {
  private readonly pages = new Map<string, Page>();
  private readonly objects: Objects;
  private readonly switches: Switches;

  constructor(objects: Objects, switches: Switches) {
    this.objects = objects;
    this.switches = switches;
  }

  answer(target: Target, url: URL): unknown {
    const token = url.searchParams.get('continue');
    const { version, items } = token
      ? this.pageAt(token)
      : {
          version: this.switches.staleVersion ?? this.objects.newest,
          items: this.selected(target, url),
        };
    const limit = Number(url.searchParams.get('limit') ?? 0) || items.length;
    const rest = items.slice(limit);
    return {
      kind: 'List',
      apiVersion: 'v1',
      metadata: {
        resourceVersion: String(version),
        ...(rest.length > 0
          ? {
              continue: this.keepPage({ version, items: rest }),
              remainingItemCount: rest.length,
            }
          : {}),
      },
      items: items.slice(0, limit),
    };
  }

  /** What the selectors of a call leave of a kind. */
  selected(target: Target, url: URL): KubeObject[] {
    const selects = selectorOf(
      url.searchParams.get('labelSelector') ?? undefined,
      url.searchParams.get('fieldSelector') ?? undefined,
    );
    const stale = this.switches.staleVersion;
    return stale === undefined
      ? this.objects.list(target.resource, target.namespace, selects)
      : this.objects.listAt(
          stale,
          target.resource,
          target.namespace ?? '',
          selects,
        );
  }

  // All pages of a list are as it was when it began.
  private keepPage(page: Page): string {
    const token = randomUUID();
    this.pages.set(token, page);
    const [oldest] = this.pages.keys();
    if (this.pages.size > mostPages) this.pages.delete(oldest);
    return token;
  }

  private pageAt(token: string): Page {
    const page = this.pages.get(token);
    if (page && page.version >= this.objects.oldest) return page;
    throw new Fault(
      410,
      'Expired',
      'The provided continue parameter is too old to display a consistent list result.',
    );
  }
}
