import type { Transport } from './types.ts';

const retried = new Set([408, 429, 500, 502, 503, 504]);
const attempts = 5;
const longestPauseMs = 5000;
// What is answered in the place of a server that is away.
const ofNobody = new Set([502, 503, 504]);
// A portal that starts knows its own routes a little later than it answers.
const startingMs = 60_000;

/** How a call failed. */
interface Fault {
  error: Error;
  /** It may go well the next time. */
  passes: boolean;
  /** It may go well much later: the server is away, or has trouble of its own. */
  lasts?: boolean;
  /** Nobody took the call, so even one that makes something may be repeated. */
  untaken?: boolean;
  /** Somebody answered who knows no such route. */
  starting?: boolean;
}

/**
 * Talks to a tracking server. Answers that say "later" are asked again with growing pauses; a server that is away is waited for
 * as long as the patience lasts, since a portal that is started anew goes on with its steps.
 */
export class HttpTransport implements Transport {
  private readonly base: string;
  private readonly token: string | undefined;
  private readonly experimentId: string;
  private readonly patienceMs: number;

  constructor(
    base: string,
    token: string | undefined,
    experimentId: string,
    { patienceSeconds = 0 } = {},
  ) {
    this.base = base.replace(/\/$/, '');
    this.token = token;
    this.experimentId = experimentId;
    this.patienceMs = patienceSeconds * 1000;
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
    const patientUntil = Date.now() + this.patienceMs;
    let startingSince: number | undefined;
    for (let attempt = 1; ; attempt++) {
      const answer = await this.ask(url, init);
      if (answer instanceof Response) return answer;
      const { error, passes, lasts, untaken, starting } = answer;
      startingSince = starting ? startingSince ?? Date.now() : undefined;
      const isPatient =
        Date.now() < patientUntil &&
        Date.now() < (startingSince ?? Date.now()) + startingMs;
      const mayAgain = mayRepeat || untaken;
      const waits = isPatient && mayAgain && (lasts || starting);
      if (!waits && !(mayAgain && passes && attempt < attempts)) throw error;
      // Once, and late enough to keep short absences out of the log.
      if (waits && attempt === attempts)
        console.error(`${error.message}. Waiting for it.`);
      await new Promise(resolve =>
        setTimeout(resolve, Math.min(200 * 2 ** attempt, longestPauseMs)),
      );
    }
  }

  private async ask(url: string, init: RequestInit): Promise<Response | Fault> {
    let answer: Response;
    try {
      answer = await fetch(url, {
        ...init,
        headers: {
          ...init.headers,
          ...(this.token ? { authorization: `Bearer ${this.token}` } : {}),
        },
      });
    } catch (error) {
      const { message, cause } = error as Error & {
        cause?: Error & { code?: string };
      };
      const why = cause?.message || cause?.code || message;
      return {
        error: new Error(
          `The tracking server at ${this.base} cannot be reached: ${why}`,
        ),
        passes: true,
        lasts: true,
        untaken: cause?.code === 'ECONNREFUSED',
      };
    }
    if (answer.ok) return answer;
    const { message, known } = explain(url, answer.status, await answer.text());
    const { status } = answer;
    const starting = !known && status === 404;
    return {
      error: new Error(message),
      passes: retried.has(status),
      lasts: ofNobody.has(status),
      untaken: starting || (!known && ofNobody.has(status)),
      starting,
    };
  }
}

/** What the server said; not known when the answer is none of a tracking server. */
function explain(
  url: string,
  status: number,
  text: string,
): { message: string; known: boolean } {
  const refused = `The tracking server refused ${new URL(url).pathname}`;
  try {
    const { error_code: code, message } = JSON.parse(text);
    if (code)
      return { message: `${refused}: ${code}: ${message}`, known: true };
  } catch {
    // Some page of something in between.
  }
  return {
    message: `${refused} with status ${status}: ${text.slice(0, 300)}`,
    known: false,
  };
}
