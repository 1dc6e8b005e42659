/* Watches: events from a version on, bookmarks, and what a bad day does to them. */
import type http from 'node:http';
import { statusOf } from './answers.ts';
import {
  Fault,
  type Change,
  type KubeObject,
  type Objects,
} from './objects.ts';
import { selectorOf } from './selectors.ts';
import type { Switches } from './Switches.ts';
import type { Target } from './targets.ts';

export class Watches {
  private readonly open = new Set<http.ServerResponse>();
  private readonly objects: Objects;
  private readonly switches: Switches;

  constructor(objects: Objects, switches: Switches) {
    this.objects = objects;
    this.switches = switches;
  }

  /** Cuts the connections of all. */
  reset(): void {
    for (const response of this.open) response.socket?.destroy();
  }

  answer(target: Target, url: URL, response: http.ServerResponse): void {
    const selects = selectorOf(
      url.searchParams.get('labelSelector') ?? undefined,
      url.searchParams.get('fieldSelector') ?? undefined,
    );
    const from = Number(url.searchParams.get('resourceVersion') ?? 0);
    if (from < this.objects.oldest) {
      const gone = new Fault(
        410,
        'Expired',
        `too old resource version: ${from} (${this.objects.oldest})`,
      );
      if (this.switches.goneAs === 'status') throw gone;
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(
        `${JSON.stringify({ type: 'ERROR', object: statusOf(gone) })}\n`,
      );
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    this.open.add(response);
    let reached = from;
    const write = (type: string, object: unknown) => {
      if (Date.now() < this.switches.silentUntil || response.writableEnded)
        return;
      response.write(`${JSON.stringify({ type, object })}\n`);
    };
    const tell = (change: Change) => {
      if (change.version <= reached || change.resource !== target.resource)
        return;
      const { namespace } = change.object.metadata;
      if (target.namespace !== undefined && namespace !== target.namespace)
        return;
      const type = typeFor(change, selects);
      if (!type) return;
      if (Date.now() < this.switches.silentUntil) return;
      reached = change.version;
      if (this.switches.missing > 0) {
        this.switches.missing -= 1;
        return;
      }
      write(type, change.object);
      if (this.switches.duplicates) write(type, change.object);
    };
    this.objects.since(from).forEach(tell);
    this.objects.on('change', tell);
    const bookmarks = setInterval(
      () =>
        write('BOOKMARK', {
          kind: 'Workflow',
          metadata: { resourceVersion: String(this.objects.newest) },
        }),
      5000,
    );
    const seconds = Number(url.searchParams.get('timeoutSeconds') ?? 300);
    const end = setTimeout(() => {
      if (Date.now() >= this.switches.silentUntil) response.end();
    }, seconds * 1000);
    response.once('close', () => {
      clearInterval(bookmarks);
      clearTimeout(end);
      this.objects.off('change', tell);
      this.open.delete(response);
    });
  }
}

// To a watch, an object that leaves what it selects is gone.
function typeFor(
  { type, object, before }: Change,
  selects: (object: KubeObject) => boolean,
): Change['type'] | undefined {
  const was = before !== undefined && selects(before);
  if (type === 'DELETED') return was ? type : undefined;
  if (selects(object)) return was ? 'MODIFIED' : 'ADDED';
  return was ? 'DELETED' : undefined;
}
