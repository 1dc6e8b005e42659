/* Starts the small cluster of `server` as a process of its own, and speaks to its control port. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';

const root = path.resolve(import.meta.dirname, '../..');

/** A small cluster that runs. */
export interface TestCluster {
  url: string;
  token: string;
  caData: string;
  s3: string;
  /** Turns switches; gives the newest version. */
  set(switches: Record<string, unknown>): Promise<{ version: number }>;
  /** `reset-watches`, `compact`, `calls`, `create`, `replace`, `delete`, `list`, `log`, `play`. */
  ask(what: string, body?: unknown): Promise<any>;
  /** As `mlops.argo.clusters` and what belongs to it. */
  settings(gitUrl: string): Record<string, unknown>;
  stop(): Promise<void>;
}

export async function startCluster(repository: string): Promise<TestCluster> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'mlops-cluster-'));
  const child = spawn(
    process.env.MLOPS_TEST_NODE ?? process.execPath,
    [
      '--no-warnings',
      '--require',
      path.join(
        root,
        'node_modules/@backstage/cli-node/config/nodeTransform.cjs',
      ),
      path.join(import.meta.dirname, 'server/main.ts'),
      folder,
      repository,
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const ended = new Promise<void>(resolve =>
    child.once('exit', () => resolve()),
  );
  const line = await new Promise<string>((resolve, reject) => {
    readline.createInterface(child.stdout).once('line', resolve);
    ended.then(() => reject(new Error('the small cluster did not start')));
  });
  const { control, ...place } = JSON.parse(line);
  const ask = async (what: string, body: unknown = {}) => {
    const answer = await fetch(`${control}/${what}`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    return answer.json();
  };
  return {
    ...place,
    ask,
    set: switches => ask('switches', switches),
    settings: gitUrl => ({
      engine: 'argo',
      externalUrl: 'http://127.0.0.1:1',
      gitops: { url: gitUrl },
      argo: {
        clusters: [
          {
            namespace: 'ml',
            url: place.url,
            serviceAccountToken: place.token,
            caData: place.caData,
            artifacts: {
              bucket: 'artifacts',
              endpoint: place.s3,
              forcePathStyle: true,
              accessKeyId: 'test',
              secretAccessKey: 'test',
            },
          },
        ],
      },
    }),
    async stop() {
      child.stdin.end();
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
