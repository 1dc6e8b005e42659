/*
 * A small Kubernetes API over HTTP and TLS: enough of discovery, objects, lists in pages, watches, logs and access reviews that a
 * client cannot tell the difference, and switches for what a real one does on a bad day.
 */
import { randomUUID } from 'node:crypto';
import type http from 'node:http';
import { Fault, Objects, type Change, type KubeObject } from './objects.ts';
import type { PodLogs } from './PodLogs.ts';
import { checkSpec } from './checkSpec.ts';
import { patched } from './patches.ts';
import { selectorOf } from './selectors.ts';
import { Switches } from './Switches.ts';

const argoKinds = [
  'workflows',
  'workflowtemplates',
  'clusterworkflowtemplates',
  'cronworkflows',
];
const coreKinds = ['pods', 'secrets', 'configmaps', 'events'];

/** A call as an RBAC rule would name it. */
export interface Call {
  verb: string;
  group: string;
  resource: string;
  at: number;
}

/** What is left of a list. */
interface Page {
  version: number;
  items: KubeObject[];
}

const mostPages = 200;

interface Target {
  group: string;
  resource: string;
  namespace?: string;
  name?: string;
  sub?: string;
}

export class Api {
  readonly switches = new Switches();
  readonly calls: Call[] = [];
  private readonly pages = new Map<string, Page>();
  private readonly watches = new Set<http.ServerResponse>();
  readonly objects: Objects;
  private readonly logs: PodLogs;
  private readonly token: string;

  constructor(objects: Objects, logs: PodLogs, token: string) {
    this.objects = objects;
    this.logs = logs;
    this.token = token;
  }

  /** Cuts the connections of all watches. */
  resetWatches(): void {
    for (const response of this.watches) response.socket?.destroy();
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
        return this.watch(target, url, response);
      case 'list':
        return send(response, 200, this.list(target, url));
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
        for (const { metadata } of this.selected(target, url))
          this.objects.delete(resource, namespace, metadata.name, body ?? {});
        return send(response, 200, { kind: 'List', metadata: {}, items: [] });
      default:
        if (target.sub === 'log') return this.log(target, url, response);
        return send(response, 200, this.objects.get(resource, namespace, name));
    }
  }

  private list(target: Target, url: URL): unknown {
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

  private selected(target: Target, url: URL): KubeObject[] {
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

  private async watch(
    target: Target,
    url: URL,
    response: http.ServerResponse,
  ): Promise<void> {
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
    this.watches.add(response);
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
      this.watches.delete(response);
    });
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

// Kinds that the server knows by itself may leave these out.
function checkKind({ group }: Target, body: any): void {
  if (group === 'argoproj.io' && (!body?.kind || !body.apiVersion))
    throw new Fault(
      400,
      'BadRequest',
      `Object '${body?.kind ? 'apiVersion' : 'Kind'}' is missing`,
    );
}

function checkVersion({ group, name }: Target, body: any): void {
  if (group === 'argoproj.io' && !body.metadata?.resourceVersion)
    throw new Fault(
      422,
      'Invalid',
      `"${name}" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update`,
    );
}

const doneTo = (
  { metadata: { name, uid } }: KubeObject,
  { group, resource }: Target,
) => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Success',
  details: { name, group, kind: resource, uid },
});

function targetOf(path: string): Target {
  const parts = path.split('/').filter(Boolean).map(decodeURIComponent);
  const isCore = parts[0] === 'api';
  const rest = parts.slice(isCore ? 2 : 3);
  const group = isCore ? '' : parts[1];
  const namespaced = rest[0] === 'namespaces';
  const [resource, name, sub] = namespaced ? rest.slice(2) : rest;
  const known = group === 'argoproj.io' ? argoKinds : isCore ? coreKinds : [];
  if (!known.includes(resource))
    throw new Fault(404, 'NotFound', 'the server could not find the resource');
  return {
    group,
    resource,
    namespace: namespaced ? rest[1] : undefined,
    name,
    sub,
  };
}

function verbOf(method: string, { name }: Target, url: URL): string {
  switch (method) {
    case 'GET':
      if (name !== undefined) return 'get';
      return url.searchParams.get('watch') === 'true' ? 'watch' : 'list';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return name === undefined ? 'deletecollection' : 'delete';
    default:
      throw new Fault(405, 'MethodNotAllowed', `${method} is not supported`);
  }
}

function discovery(path: string): unknown {
  const list = (groupVersion: string, names: string[]) => ({
    kind: 'APIResourceList',
    groupVersion,
    resources: names.map(name => ({ name, namespaced: true })),
  });
  switch (path.replace(/\/$/, '')) {
    case '/version':
      return { major: '1', minor: '34', gitVersion: 'v1.34.0' };
    case '/api':
      return { kind: 'APIVersions', versions: ['v1'] };
    case '/apis':
      return {
        kind: 'APIGroupList',
        groups: [
          {
            name: 'argoproj.io',
            versions: [
              { groupVersion: 'argoproj.io/v1alpha1', version: 'v1alpha1' },
            ],
          },
        ],
      };
    case '/api/v1':
      return list('v1', coreKinds);
    case '/apis/argoproj.io/v1alpha1':
      return list('argoproj.io/v1alpha1', argoKinds);
    default:
      return undefined;
  }
}

const statusOf = ({ code, reason, message }: Fault) => ({
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  code,
  reason,
  message,
});

function send(
  response: http.ServerResponse,
  code: number,
  body: unknown,
): void {
  response.writeHead(code, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

async function readBody(request: http.IncomingMessage): Promise<any> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece);
  const text = Buffer.concat(pieces).toString('utf8');
  return text ? JSON.parse(text) : undefined;
}

const sleep = (ms: number) => new Promise(resolve => setTimeout(resolve, ms));

export type { KubeObject };
