/*
 * A small Kubernetes API over HTTP and TLS: enough of discovery, objects, lists in pages, watches, logs and access reviews that a
 * client cannot tell the difference, and switches for what a real one does on a bad day.
 */
import type http from 'node:http';
import { doneTo, readBody, send, statusOf } from './answers.ts';
import { checkKind, checkVersion } from './checkEnvelope.ts';
import { checkSpec } from './checkSpec.ts';
import { Lists } from './Lists.ts';
import { Fault, type Objects } from './objects.ts';
import { patched } from './patches.ts';
import type { PodLogs } from './PodLogs.ts';
import { Switches } from './Switches.ts';
import { discovery, targetOf, verbOf, type Target } from './targets.ts';
import { Watches } from './Watches.ts';

/** A call as an RBAC rule would name it. */
export interface Call {
  verb: string;
  group: string;
  resource: string;
  at: number;
}

export class Api {
  readonly switches = new Switches();
  readonly calls: Call[] = [];
  readonly watches: Watches;
  private readonly lists: Lists;
  readonly objects: Objects;
  private readonly logs: PodLogs;
  private readonly token: string;

  constructor(objects: Objects, logs: PodLogs, token: string) {
    this.objects = objects;
    this.watches = new Watches(objects, this.switches);
    this.lists = new Lists(objects, this.switches);
    this.logs = logs;
    this.token = token;
  }

  async serve(
    request: http.IncomingMessage,
    response: http.ServerResponse,
  ): Promise<void> {
    try {
      await this.answer(request, response);
    } catch (error) {
      if (response.headersSent) {
        response.destroy();
        return;
      }
      const fault =
        error instanceof Fault
          ? error
          : new Fault(500, 'InternalError', (error as Error).message);
      send(response, fault.code, statusOf(fault));
    }
  }

  private async answer(
    request: http.IncomingMessage,
    response: http.ServerResponse,
  ): Promise<void> {
    const url = new URL(request.url!, 'https://cluster');
    const body = await readBody(request);
    if (request.headers.authorization !== `Bearer ${this.token}`)
      throw new Fault(401, 'Unauthorized', 'Unauthorized');
    if (this.switches.slowMs > 0) await sleep(this.switches.slowMs);
    const found = discovery(url.pathname);
    if (found) return send(response, 200, found);
    if (url.pathname.endsWith('accessreviews'))
      return send(response, 201, this.review(body));
    const target = targetOf(url.pathname);
    const verb = verbOf(request.method!, target, url);
    this.calls.push({
      verb,
      group: target.group,
      resource: target.sub
        ? `${target.resource}/${target.sub}`
        : target.resource,
      at: Date.now(),
    });
    this.refuse(verb, target, response);
    return this.act(verb, target, { url, body, request, response });
  }

  private refuse(
    verb: string,
    target: Target,
    response: http.ServerResponse,
  ): void {
    const failure = this.switches.fails(verb);
    if (failure) {
      if (failure.retryAfter !== undefined)
        response.setHeader('retry-after', String(failure.retryAfter));
      throw new Fault(
        failure.status,
        failure.status === 429 ? 'TooManyRequests' : 'InternalError',
        `the server answers ${failure.status}`,
      );
    }
    const what = `${verb} ${target.resource}`;
    if (this.switches.forbidden.includes(what))
      throw new Fault(403, 'Forbidden', `cannot ${what}`);
  }

  private async act(
    verb: string,
    target: Target,
    {
      url,
      body,
      request,
      response,
    }: {
      url: URL;
      body: any;
      request: http.IncomingMessage;
      response: http.ServerResponse;
    },
  ): Promise<void> {
    const { resource, name = '' } = target;
    const namespace = target.namespace ?? '';
    switch (verb) {
      case 'watch':
        return this.watches.answer(target, url, response);
      case 'list':
        return send(response, 200, this.lists.answer(target, url));
      case 'create':
        checkKind(target, body);
        checkSpec(target, body);
        return send(
          response,
          201,
          this.objects.create(resource, namespace, body),
        );
      case 'update':
        checkKind(target, body);
        checkVersion(target, body);
        checkSpec(target, body);
        return send(
          response,
          200,
          this.objects.replace(resource, namespace, name, body),
        );
      case 'patch':
        return send(
          response,
          200,
          this.objects.replace(
            resource,
            namespace,
            name,
            patched(
              this.objects.get(resource, namespace, name),
              request.headers['content-type'] ?? '',
              body,
            ),
          ),
        );
      case 'delete': {
        const gone = this.objects.delete(resource, namespace, name, body ?? {});
        return send(
          response,
          200,
          // What is on its way out is still an object.
          resource === 'pods' || this.objects.find(resource, namespace, name)
            ? gone
            : doneTo(gone, target),
        );
      }
      case 'deletecollection':
        for (const { metadata } of this.lists.selected(target, url))
          this.objects.delete(resource, namespace, metadata.name, body ?? {});
        return send(response, 200, { kind: 'List', metadata: {}, items: [] });
      default:
        if (target.sub === 'log') return this.log(target, url, response);
        return send(response, 200, this.objects.get(resource, namespace, name));
    }
  }

  private async log(
    target: Target,
    url: URL,
    response: http.ServerResponse,
  ): Promise<void> {
    const pod = this.objects.get('pods', target.namespace!, target.name!);
    if (pod.status?.phase === 'Pending')
      throw new Fault(
        400,
        'BadRequest',
        `container "main" in pod "${target.name}" is waiting to start: PodInitializing`,
      );
    response.writeHead(200, { 'content-type': 'text/plain' });
    const closed = new AbortController();
    response.once('close', () => closed.abort());
    for await (const piece of this.logs.read(
      target.name!,
      url.searchParams.get('follow') === 'true',
      closed.signal,
    ))
      response.write(piece);
    response.end();
  }

  private review(body: any): unknown {
    const { verb, resource } = body?.spec?.resourceAttributes ?? {};
    return {
      ...body,
      status: {
        allowed: !this.switches.forbidden.includes(`${verb} ${resource}`),
      },
    };
  }
}

const sleep = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));
