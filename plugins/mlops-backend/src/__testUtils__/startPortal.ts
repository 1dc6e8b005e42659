/* A real backend over a folder of its own: database, GitOps repository, engine and all. */
import {
  createServiceFactory,
  type BackendFeature,
} from '@backstage/backend-plugin-api';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import request from 'supertest';
import plugin from '../index';
import { pluginConnections } from './pluginConnections';

/** A portal that runs. */
export interface TestPortal {
  folder: string;
  get(route: string): request.Test;
  post(route: string, body?: object): request.Test;
  patch(route: string, body: object): request.Test;
  /** Calls of other methods, as MLflow clients make them. */
  put(route: string): request.Test;
  delete(route: string): request.Test;
  /** The same calls by another person; what `get` and `post` are called by is `user:default/mock`. */
  as(ref: string): Pick<TestPortal, 'get' | 'post' | 'patch'>;
  /** Commits files of a clone and pushes them; gives the commit. */
  push(files: Record<string, string>): string;
  /** Whether the catalog answers; while it does not, every question to it fails. */
  catalog: { answers: boolean };
  /** Waits until something holds. */
  until<T>(look: () => Promise<T | undefined | false>): Promise<T>;
  /** Waits for the end of a run. */
  end(id: string): Promise<any>;
  /** Stops it and starts it again, with other settings if given. */
  restart(mlops?: object): Promise<void>;
  stop(): Promise<void>;
}

/** Users of the catalog, by whose address git knows them. */
const people = ['jen', 'rex'].map(name => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'User',
  metadata: { name, namespace: 'default' },
  spec: { profile: { email: `${name}@example.org` }, memberOf: [] },
}));

/** Databases that suites run on. */
export const databases = ['better-sqlite3', 'pg'];

const postgres = () =>
  process.env.BACKSTAGE_TEST_DATABASE_POSTGRES17_CONNECTION_STRING!;

/** Starts a portal whose first commit has these files. */
export async function startPortal(
  client: string,
  files: Record<string, string>,
  mlops: object = {},
  modules: BackendFeature[] = [],
): Promise<TestPortal> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mlops-portal-'));
  // Suites follow each other in one process, so neither its number nor a count tells databases apart.
  const prefix = `portal_${randomUUID().slice(0, 8)}_`;
  const write = (base: string, all: Record<string, string>) => {
    for (const [name, text] of Object.entries(all)) {
      const file = path.join(folder, base, name);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, text);
    }
  };
  write('checkout', files);
  const catalog = { answers: true };
  const launch = async (settings: object) => {
    const connections = pluginConnections();
    const started = await startTestBackend({
      features: [
        plugin,
        connections.module,
        ...modules,
        mockServices.rootConfig.factory({
          data: {
            backend: {
              database:
                client === 'pg'
                  ? { client, connection: postgres(), prefix }
                  : {
                      client,
                      connection: { directory: path.join(folder, 'db') },
                    },
            },
            mlops: {
              dataDirectory: path.join(folder, 'data'),
              gitops: { seed: { from: path.join(folder, 'checkout') } },
              local: { environments: [{ images: ['tools'] }] },
              ...settings,
            },
          },
        }),
        mockServices.database.factory(),
        catalogThatMayFail(catalog),
      ],
    });
    return {
      server: started.server,
      async stop() {
        await started.stop();
        await connections.close();
      },
    };
  };
  let backend = await launch(mlops);
  const clone = path.join(folder, 'clone');
  const git = (...args: string[]) =>
    execFileSync(
      'git',
      ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args],
      {
        cwd: fs.existsSync(clone) ? clone : folder,
        encoding: 'utf8',
        stdio: 'pipe',
      },
    ).trim();
  const callsOf = (ref?: string) => {
    const signed = (call: request.Test) =>
      ref ? call.set('authorization', mockCredentials.user.header(ref)) : call;
    const server = () => request(backend.server);
    return {
      get: (route: string) => signed(server().get(`/api/mlops/${route}`)),
      post: (route: string, body?: object) => {
        const call = signed(server().post(`/api/mlops/${route}`));
        return body ? call.send(body) : call;
      },
      patch: (route: string, body: object) =>
        signed(server().patch(`/api/mlops/${route}`)).send(body),
    };
  };
  const portal: TestPortal = {
    folder,
    ...callsOf(),
    put: route => request(backend.server).put(`/api/mlops/${route}`),
    delete: route => request(backend.server).delete(`/api/mlops/${route}`),
    as: callsOf,
    catalog,
    push(changes) {
      if (!fs.existsSync(clone))
        git('clone', '-q', path.join(folder, 'data/gitops.git'), clone);
      else git('pull', '-q', '--rebase');
      write('clone', changes);
      git('add', '-A');
      git('commit', '-qm', 'change');
      git('push', '-q', 'origin', 'HEAD');
      return git('rev-parse', 'HEAD');
    },
    async until(look) {
      for (let i = 0; i < 600; i++) {
        const found = await look();
        if (found) return found;
        await new Promise(resolve => setTimeout(resolve, 50));
      }
      throw new Error('it never came');
    },
    end: id =>
      portal.until(async () => {
        const { body } = await portal.get(`runs/${id}`);
        return ['Succeeded', 'Failed', 'Error'].includes(body.phase) && body;
      }),
    async restart(settings = mlops) {
      await backend.stop();
      backend = await launch(settings);
    },
    async stop() {
      await backend.stop();
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
  return portal;
}

const catalogThatMayFail = (state: { answers: boolean }) =>
  createServiceFactory({
    service: catalogServiceRef,
    deps: {},
    factory: () => {
      const service = catalogServiceMock({ entities: people });
      return new Proxy(service, {
        get(_target, name: keyof typeof service) {
          if (!state.answers)
            return () => Promise.reject(new Error('there is no catalog'));
          const found = service[name] as unknown;
          return typeof found === 'function' ? found.bind(service) : found;
        },
      });
    },
  });

/** The file of a project. */
export const projectFile = (name: string, more = '') =>
  `apiVersion: backstage-mlops/v1alpha1
kind: MLProject
metadata: { name: ${name}, title: A project }
spec:
  owner: group:default/team
  lifecycle: experimental
  problem: { decides: x, forWhom: x, whyMachineLearning: x, costOfWrongAnswer: x }
  baseline: { rule: x, metric: accuracy }
${more}`;

/** A file of templates. */
export const templateFile = (
  name: string,
  spec: string,
  kind = 'WorkflowTemplate',
) =>
  `apiVersion: argoproj.io/v1alpha1
kind: ${kind}
metadata: { name: ${name} }
spec:
${spec.replace(/^/gm, '  ')}`;
