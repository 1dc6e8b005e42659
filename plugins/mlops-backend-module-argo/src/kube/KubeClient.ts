/*
 * Calls of one Kubernetes API. Credentials and TLS come from the KubeConfig of @kubernetes/client-node; the calls are plain
 * requests, since its watch cannot notice a connection that went silent, and its informer stops for good on a reset, 429 or 500.
 */
import type { KubeConfig } from '@kubernetes/client-node';
import http from 'node:http';
import https from 'node:https';
import { KubeError } from './KubeError';

/** One call. */
export interface KubeCall {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
  /** Default `application/json`; a patch says which kind it is. */
  contentType?: string;
  signal?: AbortSignal;
  /** For the whole answer; of a stream: for its next piece. Default 15 s. */
  timeoutMs?: number;
}

/** Largest answer that is read whole. */
const maxBytes = 64 * 1024 * 1024;
const credentialsMs = 60_000;

/** Merge patch, for a few fields of an object. */
export const mergePatch = 'application/merge-patch+json';

export class KubeClient {
  private options?: { at: number; value: Promise<https.RequestOptions> };
  private agent?: http.Agent;

  constructor(private readonly config: KubeConfig) {}

  /** Address of the API server. */
  get server(): string {
    return this.config.getCurrentCluster()!.server;
  }

  /** The JSON answer of a call. KubeError when it is no success. */
  async call<T = any>(call: KubeCall): Promise<T> {
    const response = await this.open(call);
    const text = await readText(response, maxBytes);
    try {
      return JSON.parse(text) as T;
    } catch {
      throw new KubeError(`${call.path} answered no JSON`, 0);
    }
  }

  /** Pieces of an answer as they come. KubeError when it is no success, or when nothing comes for too long. */
  async *stream(call: KubeCall): AsyncGenerator<Buffer> {
    const response = await this.open(call);
    try {
      for await (const piece of response) yield piece as Buffer;
    } catch (error) {
      throw asKubeError(error as Error);
    } finally {
      response.destroy();
    }
  }

  close(): void {
    this.agent?.destroy();
  }

  private async open(call: KubeCall): Promise<http.IncomingMessage> {
    const options = await this.credentials();
    const url = this.addressOf(call);
    const body =
      call.body === undefined ? undefined : JSON.stringify(call.body);
    const response = await new Promise<http.IncomingMessage>(
      (resolve, reject) => {
        const request = (url.protocol === 'http:' ? http : https).request(
          url,
          {
            ...options,
            agent: this.agent,
            method: call.method ?? 'GET',
            signal: call.signal,
            timeout: call.timeoutMs ?? 15_000,
            headers: {
              ...options.headers,
              accept: 'application/json',
              ...(body === undefined
                ? {}
                : {
                    'content-type': call.contentType ?? 'application/json',
                    'content-length': Buffer.byteLength(body),
                  }),
            },
          },
          resolve,
        );
        // The time runs again with every byte, so it also ends a stream that went silent.
        request.once('timeout', () =>
          request.destroy(new Error('nothing came for too long')),
        );
        request.once('error', error => reject(asKubeError(error)));
        request.end(body);
      },
    );
    if ((response.statusCode ?? 0) < 300) return response;
    throw await toFault(response, call.path);
  }

  private addressOf({ path, query = {} }: KubeCall): URL {
    const url = new URL(this.server.replace(/\/$/, '') + path);
    for (const [key, value] of Object.entries(query))
      if (value !== undefined) url.searchParams.set(key, String(value));
    return url;
  }

  // Tokens on disk and from helpers change while the portal runs.
  private credentials(): Promise<https.RequestOptions> {
    const now = Date.now();
    if (!this.options || now - this.options.at > credentialsMs)
      this.options = { at: now, value: this.readCredentials() };
    return this.options.value;
  }

  private async readCredentials(): Promise<https.RequestOptions> {
    const read: https.RequestOptions = {};
    try {
      await this.config.applyToHTTPSOptions(read);
    } catch (error) {
      this.options = undefined;
      throw new KubeError(
        `the credentials of the cluster cannot be read: ${
          (error as Error).message
        }`,
        0,
      );
    }
    const { agent, headers, auth, ...tls } = read;
    const made = this.server.startsWith('http:')
      ? new http.Agent({ keepAlive: true })
      : new https.Agent({ ...(agent as https.Agent).options, keepAlive: true });
    // A new agent is needed only when certificates changed; connections of the old one end with their calls.
    this.agent ??= made;
    return { headers, auth, ...tls };
  }
}

async function readText(
  response: http.IncomingMessage,
  limit: number,
): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const piece of response) {
      bytes += piece.length;
      if (bytes > limit) {
        response.destroy();
        throw new KubeError(`an answer has more than ${limit} bytes`, 0);
      }
      pieces.push(piece);
    }
  } catch (error) {
    throw asKubeError(error as Error);
  }
  return Buffer.concat(pieces).toString('utf8');
}

async function toFault(
  response: http.IncomingMessage,
  path: string,
): Promise<KubeError> {
  const text = await readText(response, 1024 * 1024).catch(() => '');
  let status: { message?: string; reason?: string } = {};
  try {
    status = JSON.parse(text);
  } catch {
    // A proxy in between answers in its own words.
  }
  const after = Number(response.headers['retry-after']);
  return new KubeError(
    status.message ?? `${path} answered ${response.statusCode}`,
    response.statusCode ?? 0,
    status.reason,
    Number.isFinite(after) && response.headers['retry-after']
      ? after
      : undefined,
  );
}

const asKubeError = (error: Error) =>
  error instanceof KubeError ? error : new KubeError(error.message, 0);
