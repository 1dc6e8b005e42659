/*
 * One repository of GitHub as HTTP: credentials, pages, rate limits, and what its refusals mean. Calls that only read, or that may be
 * done twice without harm, are repeated after a fault; the others are repeated by who knows how to look whether they were done.
 */
import {
  ConflictError,
  InputError,
  NotFoundError,
  ServiceUnavailableError,
} from '@backstage-mlops/mlops-core';
import type { LoggerService } from '@backstage/backend-plugin-api';
import { Octokit } from '@octokit/core';
import { retry } from '@octokit/plugin-retry';
import { throttling } from '@octokit/plugin-throttling';

export interface GithubRepositoryOptions {
  owner: string;
  repo: string;
  apiBaseUrl: string;
  /** A token that is good now. */
  token(): Promise<string | undefined>;
  logger: LoggerService;
  /** Milliseconds that count as a second of waiting; tests have less time. Default: 1000. */
  secondMs?: number;
}

type Parameters = Record<string, unknown>;
interface Answer {
  status: number;
  headers: Record<string, string | number | undefined>;
  data: any;
}

const Client = Octokit.plugin(retry, throttling);
const longestWaitSeconds = 120;
const pageSize = 100;
// Faults of these kinds are an answer; asking again changes nothing.
const finalStatuses = [400, 401, 403, 404, 405, 409, 410, 422, 429, 451];

export class GithubRepository {
  private readonly client: Octokit;
  private ownLogin?: string;

  constructor(private readonly options: GithubRepositoryOptions) {
    const { apiBaseUrl: baseUrl, logger, secondMs = 1000 } = options;
    const waits = (
      seconds: number,
      _call: unknown,
      _client: unknown,
      count: number,
    ) => {
      logger.warn(`GitHub asks to wait ${seconds} s.`);
      return seconds <= longestWaitSeconds && count < 3;
    };
    this.client = new Client({
      baseUrl,
      userAgent: 'backstage-mlops',
      log: { debug() {}, info() {}, warn() {}, error() {} },
      retry: { doNotRetry: finalStatuses, retryAfterBaseValue: secondMs },
      throttle: {
        id: `${baseUrl}/${options.owner}/${options.repo}`,
        onRateLimit: waits,
        onSecondaryRateLimit: waits,
        retryAfterBaseValue: secondMs,
        ...((secondMs < 1000 ? withoutPauses : {}) as object),
      },
    });
    this.client.hook.before('request', async call => {
      const token = await options.token();
      if (token) call.headers.authorization = `token ${token}`;
    });
  }

  /** A call that may be repeated; the path begins after `/repos/{owner}/{repo}`. */
  async call(route: string, parameters: Parameters = {}): Promise<any> {
    return (await this.send(route, parameters)).data;
  }

  /** Undefined where GitHub says that it is not there. */
  async find(route: string, parameters: Parameters = {}): Promise<any> {
    try {
      return await this.call(route, parameters);
    } catch (error) {
      if (error instanceof NotFoundError) return undefined;
      throw error;
    }
  }

  /**
   * A call that must not be done twice. After a fault that leaves open whether it was done, `look` says what it left; it is made
   * again only when there is nothing.
   */
  async once<T>(
    route: string,
    parameters: Parameters,
    look: () => Promise<T | undefined>,
  ): Promise<T> {
    for (let attempt = 1; ; attempt++)
      try {
        return (
          await this.send(route, { ...parameters, request: { retries: 0 } })
        ).data;
      } catch (error) {
        if (!(error instanceof ServiceUnavailableError)) throw error;
        await this.wait(attempt);
        const found = await look();
        if (found !== undefined) return found;
        if (attempt === 3) throw error;
      }
  }

  /** All items of all pages, at most `limit`. */
  async all(
    route: string,
    parameters: Parameters = {},
    limit = 1000,
  ): Promise<any[]> {
    const items: any[] = [];
    for (let page = 1; items.length < limit; page++) {
      const { data, next } = await this.page(route, parameters, page);
      items.push(...data);
      if (!next) break;
    }
    return items.slice(0, limit);
  }

  /** One page of 100, and whether there is another. */
  async page(
    route: string,
    parameters: Parameters,
    page: number,
  ): Promise<{ data: any[]; next: boolean }> {
    const { data, headers } = await this.send(route, {
      per_page: pageSize,
      ...parameters,
      page,
    });
    return { data, next: /rel="next"/.test(String(headers.link ?? '')) };
  }

  async graphql(query: string, variables: Parameters = {}): Promise<any> {
    const { data } = await this.request('POST /graphql', { query, variables });
    if (data.errors?.length)
      throw new ServiceUnavailableError(
        `GitHub refuses: ${data.errors[0].message}`,
        'unavailable',
      );
    return data.data;
  }

  /** The user of GitHub that the portal's credentials are of. */
  async login(): Promise<string> {
    this.ownLogin ??= (await this.graphql('query { viewer { login } }')).viewer
      .login as string;
    return this.ownLogin;
  }

  /** Waits longer with each attempt. */
  wait(attempt: number): Promise<void> {
    return new Promise(resolve =>
      setTimeout(resolve, attempt * (this.options.secondMs ?? 1000)),
    );
  }

  private send(route: string, parameters: Parameters): Promise<Answer> {
    const { owner, repo } = this.options;
    const [method, path] = route.split(' ');
    return this.request(`${method} /repos/{owner}/{repo}${path}`, {
      owner,
      repo,
      ...parameters,
    });
  }

  private async request(
    route: string,
    parameters: Parameters,
  ): Promise<Answer> {
    try {
      return (await this.client.request(route, parameters)) as Answer;
    } catch (error) {
      throw this.toFault(error);
    }
  }

  // GitHub's own sentence goes to the log and to the person; what is secret is not in it.
  private toFault(error: any): Error {
    const said = sentenceOf(error);
    switch (error?.status) {
      case 404:
      case 410:
        return new NotFoundError(
          `GitHub knows nothing of it: ${said}`,
          'not-found',
        );
      case 405:
      case 409:
        return new ConflictError(`GitHub refuses: ${said}`, 'conflict');
      case 400:
      case 422:
        return new InputError(`GitHub refuses: ${said}`, 'invalid-field');
      default:
        this.options.logger.warn(`GitHub failed: ${error?.status} ${said}`);
        return new ServiceUnavailableError(
          error?.status === 401 || error?.status === 403
            ? `GitHub refuses the portal's credentials, or lets it wait: ${said}`
            : `GitHub does not answer as it should: ${said}`,
          'unavailable',
        );
    }
  }
}

function sentenceOf(error: any): string {
  const data = error?.response?.data;
  const details = (Array.isArray(data?.errors) ? data.errors : [])
    .map((item: any) => (typeof item === 'string' ? item : item?.message))
    .filter(Boolean);
  return [data?.message ?? 'no answer', ...details].join('; ').slice(0, 500);
}

// Writes wait a second for each other by GitHub's advice; a test's own server needs no mercy.
const atOnce = {
  key: () => ({
    schedule: (
      _job: unknown,
      work: (...values: any[]) => any,
      ...values: any[]
    ) => Promise.resolve(work(...values)),
  }),
};
const withoutPauses = { write: atOnce, notifications: atOnce };
