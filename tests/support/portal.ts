/*
 * A real portal for a journey: its own port, its own state in a temporary folder, ended with the test.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { startPortal } from '../../scripts/lib/portal.mjs';
import {
  callerWith,
  signIn,
  tokenOf,
  type Caller,
  type PersonName,
} from './people.ts';

/** A running portal and a way to talk to it: as the guest, or as somebody else. */
export interface TestPortal extends Omit<Caller, 'token'> {
  url: string;
  /** Folder of its state (`.data` of a real one). */
  data: string;
  logFile: string;
  pid: number;
  /** Signs somebody in. */
  as(name: PersonName): Promise<Caller>;
  stop(): Promise<void>;
}

/** Starts a portal. `environment` may hold APP_CONFIG_... overrides. */
export async function startTestPortal(
  options: {
    environment?: Record<string, string>;
    data?: string;
    keep?: boolean;
    /** More files of configuration, from `tests/support`. */
    configs?: string[];
  } = {},
): Promise<TestPortal> {
  const data =
    options.data ?? (await mkdtemp(path.join(os.tmpdir(), 'mlops-portal-')));
  const port = await freePort();
  const portal = await startPortal({
    node: process.env.MLOPS_TEST_NODE ?? process.execPath,
    port,
    data,
    configs: ['app-config.test.yaml', ...(options.configs ?? [])].map(name =>
      path.join(import.meta.dirname, name),
    ),
    environment: options.environment,
  });
  const guest = callerWith(portal.url, await tokenOf(portal.url, 'guest'));
  return {
    url: portal.url,
    data,
    logFile: portal.logFile,
    pid: portal.pid!,
    call: guest.call,
    fetch: guest.fetch,
    as: name => signIn(portal.url, name),
    async stop() {
      await portal.stop();
      if (!options.keep) await rm(data, { recursive: true, force: true });
    },
  };
}

/** A port that nobody uses now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** Calls `look` until it gives something, or fails with what it saw last. */
export async function waitFor<T>(
  what: string,
  look: () => Promise<T | undefined | false>,
  timeoutMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  let last: unknown;
  while (Date.now() < deadline) {
    try {
      const seen = await look();
      if (seen) return seen;
    } catch (error) {
      last = error;
    }
    await new Promise(resolve => setTimeout(resolve, 200));
  }
  throw new Error(
    `${what} did not happen within ${timeoutMs / 1000} s${
      last ? ` (${last})` : ''
    }`,
  );
}

/** Waits for the end of a run and gives it back. */
export function runEnd(
  portal: TestPortal,
  id: string,
  timeoutMs = 120_000,
): Promise<any> {
  return waitFor(
    `the end of run ${id}`,
    async () => {
      const { body } = await portal.call('GET', `runs/${id}`);
      return ['Succeeded', 'Failed', 'Error'].includes(body.phase) && body;
    },
    timeoutMs,
  );
}
