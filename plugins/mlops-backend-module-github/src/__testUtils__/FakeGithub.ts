/*
 * A GitHub of one repository for tests: real HTTP, over a bare repository with stock git. What it answers is built from GitHub's own
 * examples and held against GitHub's description; so is what it is asked. Faults are asked for by `fail`.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { faultOfAnswer, faultOfCall } from './openApi';
import { operations, Refusal } from './operations';

/** What the next calls that match are answered instead. */
export interface Fault {
  /** As "POST /pulls"; the start of the path is enough. */
  call: string;
  /** How many of them. Default: 1. */
  times?: number;
  status: number;
  headers?: Record<string, string>;
  message?: string;
  /** Does what was asked before it fails. */
  afterwards?: boolean;
}

export interface FakePull {
  number: number;
  title: string;
  body: string;
  draft: boolean;
  state: 'open' | 'closed';
  branch: string;
  target: string;
  user: string;
  head: string;
  base: string;
  createdAt: string;
  updatedAt: string;
  mergedAt: string | null;
  mergedBy: string | null;
  mergeCommit: string | null;
  reviews: any[];
  comments: any[];
}

export const repositoryPath = '/repos/{owner}/{repo}';

export class FakeGithub {
  readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fake-github-'));
  readonly bare = path.join(this.folder, 'bare.git');
  readonly pulls: FakePull[] = [];
  readonly statuses: any[] = [];
  /** "METHOD /path" of every call, in order. */
  readonly calls: string[] = [];
  /** What was asked or answered against the description. */
  readonly faults: string[] = [];
  /** Items on a page, whatever is asked for. */
  pageLimit = 100;
  /** Whom the token is of. */
  login = 'portal-bot';
  /** Answers whether a request can be merged only when asked again. */
  isSlow = false;
  token = 'ghs_good';
  private readonly planned: Fault[] = [];
  private server?: http.Server;
  url = '';
  private clock = Date.parse('2026-11-28T10:00:00Z');

  async start(files: Record<string, string>): Promise<void> {
    execFileSync('git', ['init', '-q', '--bare', '-b', 'main', this.bare]);
    this.push('main', files);
    this.server = http.createServer((request, response) => {
      this.serve(request, response).catch(error => {
        this.faults.push(String(error?.stack ?? error));
        response.writeHead(500, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ message: 'Server Error' }));
      });
    });
    await new Promise<void>(resolve =>
      this.server!.listen(0, '127.0.0.1', () => resolve()),
    );
    const { port } = this.server.address() as AddressInfo;
    this.url = `http://127.0.0.1:${port}`;
  }

  /** Ends it; throws when anything was asked or answered against the description. */
  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise(resolve => this.server?.close(resolve));
    fs.rmSync(this.folder, { recursive: true, force: true });
    if (this.faults.length > 0) throw new Error(this.faults.join('\n'));
  }

  /** Text of a file; undefined where there is none. */
  read(ref: string, name: string): string | undefined {
    const sha = this.tryGit(['rev-parse', '-q', '--verify', `${ref}:${name}`]);
    return sha === undefined ? undefined : this.bytes(sha).toString();
  }

  /** What a blob holds. */
  bytes(sha: string): Buffer {
    return execFileSync('git', ['cat-file', 'blob', sha], { cwd: this.bare });
  }

  /** Answers the next matching calls so. */
  fail(fault: Fault): void {
    this.planned.push({ times: 1, ...fault });
  }

  /** Time of GitHub; a second later with every look. */
  now(): string {
    this.clock += 1000;
    return new Date(this.clock).toISOString().replace('.000Z', 'Z');
  }

  git(
    args: string[],
    options: { input?: string | Buffer; env?: object } = {},
  ): string {
    return execFileSync(
      'git',
      ['-c', 'user.name=web', '-c', 'user.email=w@w', ...args],
      {
        cwd: this.bare,
        encoding: 'utf8',
        input: options.input,
        stdio: ['pipe', 'pipe', 'pipe'],
        env: { ...process.env, ...options.env },
        maxBuffer: 64 << 20,
      },
    ).trim();
  }

  /** The answer of git, or undefined where it refuses. */
  tryGit(args: string[]): string | undefined {
    try {
      return this.git(args);
    } catch {
      return undefined;
    }
  }

  commitOf(ref: string): string | undefined {
    return this.tryGit(['rev-parse', '--verify', '-q', `${ref}^{commit}`]);
  }

  /** A push by hand. */
  push(branch: string, files: Record<string, string | null>): string {
    const parent =
      this.commitOf(`refs/heads/${branch}`) ?? this.commitOf('refs/heads/main');
    const env = { GIT_INDEX_FILE: path.join(this.folder, 'index') };
    fs.rmSync(env.GIT_INDEX_FILE, { force: true });
    if (parent) this.git(['read-tree', parent], { env });
    const lines = Object.entries(files).map(([name, text]) =>
      text === null
        ? `0 ${'0'.repeat(40)}\t${name}\n`
        : `100644 ${this.git(['hash-object', '-w', '--stdin'], {
            input: text,
          })}\t${name}\n`,
    );
    this.git(['update-index', '--add', '--index-info'], {
      env,
      input: lines.join(''),
    });
    const tree = this.git(['write-tree'], { env });
    const commit = this.git([
      'commit-tree',
      tree,
      ...(parent ? ['-p', parent] : []),
      '-m',
      `on ${branch}`,
    ]);
    this.git(['update-ref', `refs/heads/${branch}`, commit]);
    return commit;
  }

  private async serve(
    request: http.IncomingMessage,
    response: http.ServerResponse,
  ): Promise<void> {
    const url = new URL(request.url!, this.url);
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const text = Buffer.concat(parts).toString();
    const body = text ? JSON.parse(text) : undefined;
    const method = request.method!.toLowerCase();
    const place = url.pathname.replace(/^\/repos\/farm\/models/, '');
    const call = `${request.method} ${place}`;
    this.calls.push(call);
    const send = (status: number, value: any, headers: object = {}) => {
      response.writeHead(status, {
        'content-type': 'application/json; charset=utf-8',
        ...headers,
      });
      response.end(value === undefined ? undefined : JSON.stringify(value));
    };
    const planned = this.planned.find(
      fault => fault.times! > 0 && call.startsWith(fault.call),
    );
    if (planned) planned.times!--;
    const refuse = () =>
      send(
        planned!.status,
        {
          message: planned!.message ?? 'It failed.',
          documentation_url: 'https://docs.github.com/rest',
        },
        planned!.headers,
      );
    if (planned && !planned.afterwards) return refuse();
    if (request.headers.authorization !== `token ${this.token}`)
      return send(401, { message: 'Bad credentials' });
    if (place === '/graphql') return send(200, this.graphql(body));
    const found = operations.find(
      item => item.method === method && item.pattern.test(place),
    );
    if (!found) throw new Error(`the fake has no ${call}`);
    const operation = { path: repositoryPath + found.path, method };
    this.note(`asked ${call}`, body && faultOfCall(operation, body));
    const values = Object.values(found.pattern.exec(place)!.groups ?? {}).map(
      decodeURIComponent,
    );
    try {
      const answer = await found.answer({
        github: this,
        values,
        body,
        query: url.searchParams,
      });
      if (planned) return refuse();
      const page = found.pages ? this.pageOf(answer as any[], url) : undefined;
      const value = page ? page.items : answer;
      const status = found.status ?? 200;
      this.note(`answered ${call}`, faultOfAnswer(operation, status, value));
      return send(status, value, page?.headers);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const value = {
        message: error.message,
        documentation_url: 'https://docs.github.com/rest',
        ...error.more,
      };
      if (error.status !== 404)
        this.note(
          `answered ${call}`,
          faultOfAnswer(operation, error.status, value),
        );
      return send(error.status, value);
    }
  }

  private note(what: string, fault: string | undefined): void {
    if (fault) this.faults.push(`${what}: ${fault}`);
  }

  private pageOf(items: any[], url: URL) {
    const asked = Number(url.searchParams.get('per_page') ?? 30);
    const size = Math.min(asked, this.pageLimit);
    const page = Number(url.searchParams.get('page') ?? 1);
    const next = new URL(url);
    next.searchParams.set('page', String(page + 1));
    return {
      items: items.slice((page - 1) * size, page * size),
      headers:
        items.length > page * size
          ? { link: `<${next}>; rel="next"` }
          : ({} as Record<string, string>),
    };
  }

  private graphql({ query, variables }: any): object {
    if (query.includes('viewer'))
      return { data: { viewer: { login: this.login } } };
    const pull = this.pulls.find(item => `PR_${item.number}` === variables.id)!;
    pull.draft = query.includes('convertPullRequestToDraft');
    return { data: { done: { clientMutationId: null } } };
  }
}
