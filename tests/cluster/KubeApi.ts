/* Calls of a real Kubernetes API, with the credentials of a kubeconfig. */
import fs from 'node:fs';
import https from 'node:https';
import http from 'node:http';
import { buffer } from 'node:stream/consumers';
import { KubeConfig } from '@kubernetes/client-node';

export class KubeApi {
  private readonly config = new KubeConfig();

  constructor(file: string) {
    this.config.loadFromFile(file);
  }

  /** The namespace that the kubeconfig is set to. */
  get namespace(): string | undefined {
    return this.config.getContextObject(this.config.getCurrentContext())
      ?.namespace;
  }

  /** Certificate of who signs for the API server. */
  get authority(): string {
    const { caData, caFile } = this.config.getCurrentCluster()!;
    if (caData) return Buffer.from(caData, 'base64').toString();
    return caFile ? fs.readFileSync(caFile, 'utf8') : '';
  }

  /** The same cluster for who has only a token, as a kubeconfig. */
  withToken(token: string): string {
    const { name: _name, ...cluster } = this.config.getCurrentCluster()!;
    const { server, caData, caFile, skipTLSVerify } = cluster;
    return JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          name: 'real',
          cluster: {
            server,
            'certificate-authority-data': caData,
            'certificate-authority': caFile,
            'insecure-skip-tls-verify': skipTLSVerify || undefined,
          },
        },
      ],
      users: [{ name: 'portal', user: { token } }],
      contexts: [
        { name: 'real', context: { cluster: 'real', user: 'portal' } },
      ],
      'current-context': 'real',
    });
  }

  /** The answer, whatever its status. */
  async call(
    method: string,
    path: string,
    body?: unknown,
    contentType = 'application/json',
  ): Promise<{ status: number; body: any }> {
    const response = await this.open(method, path, body, contentType);
    const text = (await buffer(response)).toString();
    const status = response.statusCode!;
    try {
      return { status, body: JSON.parse(text) };
    } catch {
      return { status, body: text };
    }
  }

  /** Events of a watch, without bookmarks, until they are enough. `meanwhile` begins when the watch does. */
  async watch(
    path: string,
    { until }: { until(events: any[]): boolean },
    meanwhile: () => Promise<void>,
  ): Promise<any[]> {
    const response = await this.open('GET', path);
    const work = meanwhile();
    const events: any[] = [];
    let rest = '';
    for await (const piece of response) {
      const lines = (rest + piece).split('\n');
      rest = lines.pop()!;
      events.push(...lines.map(line => JSON.parse(line)));
      if (until(events.filter(({ type }) => type !== 'BOOKMARK'))) break;
    }
    response.destroy();
    await work;
    return events.filter(({ type }) => type !== 'BOOKMARK');
  }

  /** The answer of a call that has to go well, or to fail in one of the ways that are named. */
  async must(
    method: string,
    path: string,
    body?: unknown,
    orElse: number[] = [],
  ): Promise<any> {
    const answer = await this.call(method, path, body);
    if (answer.status < 300 || orElse.includes(answer.status))
      return answer.status < 300 ? answer.body : undefined;
    throw new Error(
      `${method} ${path}: ${answer.status} ${
        answer.body?.message ?? answer.body
      }`,
    );
  }

  private async open(
    method: string,
    path: string,
    body?: unknown,
    contentType = 'application/json',
  ): Promise<http.IncomingMessage> {
    const options: https.RequestOptions = {};
    await this.config.applyToHTTPSOptions(options);
    const url = new URL(this.config.getCurrentCluster()!.server + path);
    const isPlain = url.protocol === 'http:';
    const text = body === undefined ? '' : JSON.stringify(body);
    return new Promise((resolve, reject) =>
      (isPlain ? http : https)
        .request(
          url,
          {
            ...options,
            method,
            agent: isPlain ? undefined : options.agent,
            headers: {
              ...options.headers,
              'content-type': contentType,
              'content-length': Buffer.byteLength(text),
            },
          },
          resolve,
        )
        .once('error', reject)
        .end(text),
    );
  }
}
