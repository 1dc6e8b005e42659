import type { Transport } from './types.ts';

const retried = new Set([408, 429, 500, 502, 503, 504]);
const attempts = 5;

/** Talks to a tracking server. Answers that say "later" are asked again with growing pauses. */
export class HttpTransport implements Transport {
  private readonly base: string;
  private readonly token: string | undefined;
  private readonly experimentId: string;

  constructor(base: string, token: string | undefined, experimentId: string) {
    this.base = base.replace(/\/$/, '');
    this.token = token;
    this.experimentId = experimentId;
  }

  async call(
    method: string,
    route: string,
    body: Record<string, unknown>,
  ): Promise<Record<string, any>> {
    const query =
      method === 'GET'
        ? `?${new URLSearchParams(body as Record<string, string>)}`
        : '';
    // Making something twice is worse than a failed step.
    const mayRepeat = !/create$/.test(route);
    const answer = await this.send(
      `${this.base}/api/2.0/mlflow/${route}${query}`,
      {
        method,
        body: method === 'GET' ? undefined : JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      },
      mayRepeat,
    );
    return (await answer.json()) as Record<string, any>;
  }

  async put(runId: string, path: string, bytes: Uint8Array): Promise<void> {
    await this.send(
      this.artifact(runId, path),
      {
        method: 'PUT',
        body: bytes as BodyInit,
        headers: { 'content-type': 'application/octet-stream' },
      },
      true,
    );
  }

  async get(runId: string, path: string): Promise<Uint8Array> {
    const answer = await this.send(
      this.artifact(runId, path),
      { method: 'GET' },
      true,
    );
    return new Uint8Array(await answer.arrayBuffer());
  }

  private artifact(runId: string, path: string): string {
    const place = [this.experimentId, runId, 'artifacts', ...path.split('/')]
      .map(encodeURIComponent)
      .join('/');
    return `${this.base}/api/2.0/mlflow-artifacts/artifacts/${place}`;
  }

  private async send(
    url: string,
    init: RequestInit,
    mayRepeat: boolean,
  ): Promise<Response> {
    for (let attempt = 1; ; attempt++) {
      const last = attempt === attempts || !mayRepeat;
      const answer = await fetch(url, {
        ...init,
        headers: {
          ...init.headers,
          ...(this.token ? { authorization: `Bearer ${this.token}` } : {}),
        },
      }).catch(error => {
        if (last)
          throw new Error(
            `The tracking server at ${this.base} cannot be reached: ${
              error.cause?.message ?? error.message
            }`,
          );
        return undefined;
      });
      if (answer?.ok) return answer;
      if (answer && (last || !retried.has(answer.status)))
        throw new Error(await explain(url, answer));
      await new Promise(resolve => setTimeout(resolve, 200 * 2 ** attempt));
    }
  }
}

async function explain(url: string, answer: Response): Promise<string> {
  const text = await answer.text();
  try {
    const { error_code: code, message } = JSON.parse(text);
    return `The tracking server refused ${
      new URL(url).pathname
    }: ${code}: ${message}`;
  } catch {
    return `The tracking server refused ${new URL(url).pathname} with status ${
      answer.status
    }: ${text.slice(0, 300)}`;
  }
}
