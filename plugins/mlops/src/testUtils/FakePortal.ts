import type { Fetches } from '../api/MlopsClient';

/** What was asked of the portal. */
export interface Asked {
  method: string;
  /** Path below the plugin, with its query. */
  where: string;
  body?: any;
  headers: Record<string, string>;
}

/** A log that a test writes while the page reads it. */
export interface FakeLog {
  write(text: string): void;
  end(): void;
}

type Answer = (asked: Asked) => Response | Promise<Response>;

/** The plugin's HTTP interface as the pages see it: the real client talks to this instead of to a network. */
export class FakePortal implements Fetches {
  readonly asked: Asked[] = [];
  private readonly answers = new Map<string, Answer>();

  /** From now on a route gives this; a function sees the request. */
  answer(route: string, value: unknown | ((asked: Asked) => unknown)): this {
    this.answers.set(route, async asked =>
      json(200, await (typeof value === 'function' ? value(asked) : value)),
    );
    return this;
  }

  /** From now on a route is refused with the portal's own words. */
  refuse(route: string, status: number, message: string): this {
    const name = status === 404 ? 'NotFoundError' : 'InputError';
    this.answers.set(route, () =>
      json(status, {
        error: { name, message },
        response: { statusCode: status },
      }),
    );
    return this;
  }

  /** From now on a route does not answer. */
  hang(route: string): this {
    this.answers.set(route, () => new Promise(() => {}));
    return this;
  }

  /** The log of a step as server-sent events. */
  log(run: string, node: string): FakeLog {
    let out!: ReadableStreamDefaultController<Uint8Array>;
    const body = new ReadableStream<Uint8Array>({
      start: controller => {
        out = controller;
      },
    });
    this.answers.set(
      `GET runs/${run}/nodes/${node}/log`,
      () => new Response(body),
    );
    const send = (text: string) => out.enqueue(new TextEncoder().encode(text));
    return {
      write: text => send(`data: ${JSON.stringify(text)}\n\n`),
      end: () => {
        send('event: end\ndata: {}\n\n');
        out.close();
      },
    };
  }

  async fetch(input: string, init: RequestInit = {}): Promise<Response> {
    const where = input.replace('plugin://mlops/', '');
    const method = init.method ?? 'GET';
    const headers = (init.headers ?? {}) as Record<string, string>;
    const body = init.body ? JSON.parse(String(init.body)) : undefined;
    const asked = { method, where, body, headers };
    this.asked.push(asked);
    const known = this.answers.get(`${method} ${where.split('?')[0]}`);
    return known
      ? known(asked)
      : json(404, {
          error: { name: 'NotFoundError', message: `Nothing at ${where}` },
          response: { statusCode: 404 },
        });
  }
}

function json(status: number, value: unknown): Response {
  return new Response(JSON.stringify(value), {
    status,
    headers: { 'content-type': 'application/json' },
  });
}
