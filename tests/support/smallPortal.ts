/*
 * A portal without pages and catalog: quick to start, made to be killed. Its state is in a folder and a database that outlive it.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { keep } from '../../scripts/lib/keeper.mjs';
import { freePort } from './portal.ts';

const root = path.resolve(import.meta.dirname, '../..');
const token = 'a-token-of-the-tests-alone';
// On a busy machine a connection that was kept may be closed by the portal just as the next call takes it.
const notKept = { connection: 'close' };

/** Where a small portal keeps its state. */
export interface SmallState {
  /** Folder of steps, artifacts and the repository. */
  data: string;
  /** Folder whose `ml-projects` fill the repository. */
  seed: string;
  /** Address of a PostgreSQL; default: SQLite in `data`. */
  postgres?: string;
  /** Told apart by this in one PostgreSQL. */
  prefix?: string;
  /** More of `mlops`, over what is set here. */
  mlops?: Record<string, unknown>;
}

export class SmallPortal {
  private static readonly all: SmallPortal[] = [];

  /** Ends every portal that a failed test left. */
  static async killAll(): Promise<void> {
    await Promise.all(SmallPortal.all.map(portal => portal.kill()));
  }

  readonly url: string;
  readonly logFile: string;
  readonly ended: Promise<NodeJS.Signals | number | null>;
  private readonly child: ChildProcess;

  private constructor(url: string, child: ChildProcess, logFile: string) {
    this.url = url;
    this.child = child;
    this.logFile = logFile;
    const release = keep({ pid: child.pid });
    this.ended = new Promise(resolve =>
      child.once('exit', (code, signal) => {
        release();
        resolve(signal ?? code);
      }),
    );
  }

  /** Starts a portal and resolves when it answers, or when it is gone. */
  static async start(
    state: SmallState,
    environment: Record<string, string> = {},
  ): Promise<SmallPortal> {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    fs.mkdirSync(state.data, { recursive: true });
    const config = path.join(state.data, `config-${port}.json`);
    fs.writeFileSync(config, JSON.stringify(settings(state, url, port)));
    const logFile = path.join(state.data, `portal-${port}.log`);
    const log = fs.openSync(logFile, 'w');
    const child = spawn(
      process.env.MLOPS_TEST_NODE ?? process.execPath,
      [
        '--no-warnings',
        '--require',
        path.join(
          root,
          'node_modules/@backstage/cli-node/config/nodeTransform.cjs',
        ),
        path.join(import.meta.dirname, 'smallBackend.cjs'),
        '--config',
        config,
      ],
      {
        cwd: path.join(root, 'tests'),
        env: { ...process.env, NODE_ENV: 'development', ...environment },
        stdio: ['ignore', log, log],
        detached: true,
      },
    );
    fs.closeSync(log);
    const portal = new SmallPortal(url, child, logFile);
    SmallPortal.all.push(portal);
    await portal.ready();
    return portal;
  }

  get pid(): number {
    return this.child.pid!;
  }

  get isGone(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  private async ready(): Promise<void> {
    for (let left = 3600; left > 0 && !this.isGone; left--) {
      const answer = await fetch(`${this.url}/.backstage/health/v1/readiness`, {
        headers: notKept,
      }).catch(() => undefined);
      if (answer?.status === 200) return;
      await new Promise(resolve => setTimeout(resolve, 50));
    }
    if (!this.isGone) throw new Error(`not ready: ${this.log()}`);
  }

  /** Calls a route below `/api/mlops/`. */
  async call(
    method: string,
    route: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; headers: Headers; body: any; text: string }> {
    const answer = await fetch(`${this.url}/api/mlops/${route}`, {
      method,
      headers: {
        ...notKept,
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      body: answer.headers.get('content-type')?.includes('json')
        ? JSON.parse(text)
        : text,
    };
  }

  log(): string {
    return fs.readFileSync(this.logFile, 'utf8').slice(-3000);
  }

  /** Ends it at once, without a word. */
  async kill(): Promise<void> {
    if (!this.isGone) this.child.kill('SIGKILL');
    await this.ended;
  }

  /** Ends it in order. */
  async stop(): Promise<void> {
    if (!this.isGone) this.child.kill('SIGTERM');
    await this.ended;
  }
}

function settings(state: SmallState, url: string, port: number) {
  return {
    app: { baseUrl: url },
    backend: {
      baseUrl: url,
      listen: { port, host: '127.0.0.1' },
      database: state.postgres
        ? {
            client: 'pg',
            connection: state.postgres,
            prefix: state.prefix,
            knexConfig: { pool: { min: 0, max: 8 } },
          }
        : {
            client: 'better-sqlite3',
            connection: { directory: path.join(state.data, 'db') },
          },
      auth: {
        keys: [{ secret: 'c2VjcmV0IG9mIHRoZSB0ZXN0cyBhbG9uZSwgMzIgYnl0ZXM=' }],
        externalAccess: [
          { type: 'static', options: { token, subject: 'test' } },
        ],
      },
    },
    mlops: {
      dataDirectory: state.data,
      gitops: { seed: { from: state.seed } },
      local: { maxParallelSteps: 8, environments: [{ images: ['tools'] }] },
      ...state.mlops,
    },
  };
}
