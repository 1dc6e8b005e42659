/* With the real catalog: our kinds get their relations, and the built-in kinds, which the model then judges too, stay what they are. */
import {
  coreServices,
  createBackendModule,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import {
  mockServices,
  startTestBackend,
  type TestBackend,
} from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import catalogPlugin from '@backstage/plugin-catalog-backend';
import { catalogProcessingExtensionPoint } from '@backstage/plugin-catalog-node';
import type { CatalogFacts } from '@backstage-mlops/mlops-core';
import express from 'express';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import request from 'supertest';
import moduleMlops from './index';

const organisation = `
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: { name: sky }
spec: { type: team, children: [], members: [ada] }
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: { name: ada }
spec: { memberOf: [sky] }
---
apiVersion: backstage.io/v1alpha1
kind: System
metadata: { name: outdoors }
spec: { owner: sky }
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: { name: site }
spec: { type: website, lifecycle: production, owner: sky, system: outdoors }
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: { name: broken }
spec: { type: website }
---
apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: { name: new-thing }
spec: { owner: sky, type: service, steps: [] }
`;

const part = (folder: string, name: string) => ({
  name,
  file: `ml-projects/weather/${folder}/${name}.yaml`,
});
const facts = (commit: string): CatalogFacts => ({
  commit,
  branch: 'main',
  projects: [
    {
      name: 'weather',
      owner: 'group:default/sky',
      lifecycle: 'experimental',
      system: 'outdoors',
      component: 'site',
      tags: [],
      links: [],
      path: 'ml-projects/weather',
      models: [{ ...part('models', 'rain'), task: 'tabular-classification' }],
      pipelines: [part('pipelines', 'train')],
      datasets: [part('datasets', 'gauges')],
    },
  ],
});

let answer = facts('1');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'catalog-'));
let backend: TestBackend;

const projectsPlugin = createBackendPlugin({
  pluginId: 'mlops',
  register(env) {
    env.registerInit({
      deps: { http: coreServices.httpRouter, httpAuth: coreServices.httpAuth },
      async init({ http, httpAuth }) {
        const router = express.Router();
        router.get('/catalog', async (req, res) => {
          await httpAuth.credentials(req, { allow: ['service'] });
          res.json(answer);
        });
        http.use(router);
      },
    });
  },
});

// As the scaffolder's module does it: a processor of the old kind.
const templates = createBackendModule({
  pluginId: 'catalog',
  moduleId: 'templates',
  register(env) {
    env.registerInit({
      deps: { catalog: catalogProcessingExtensionPoint },
      async init({ catalog }) {
        catalog.addProcessor({
          getProcessorName: () => 'templates',
          validateEntityKind: async entity => entity.kind === 'Template',
        });
      },
    });
  },
});

const find = async (
  kind: string,
  name: string,
): Promise<Entity | undefined> => {
  const { status, body } = await request(backend.server).get(
    `/api/catalog/entities/by-name/${kind}/default/${name}`,
  );
  return status === 200 ? body : undefined;
};
const relationsOf = (entity: Entity) =>
  (entity.relations ?? [])
    .map(({ type, targetRef }) => `${type} ${targetRef}`)
    .sort();

async function eventually<T>(
  look: () => Promise<T | undefined>,
  isIt: (found: T) => boolean = () => true,
): Promise<T> {
  let last: T | undefined;
  for (let i = 0; i < 250; i++) {
    last = await look();
    if (last !== undefined && isIt(last)) return last;
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  throw new Error(`it did not come: ${JSON.stringify(last)}`);
}
const withRelations = (kind: string, name: string, count: number) =>
  eventually(
    () => find(kind, name),
    entity => relationsOf(entity).length >= count,
  );

beforeAll(async () => {
  const file = path.join(folder, 'org.yaml');
  fs.writeFileSync(file, organisation);
  backend = await startTestBackend({
    features: [
      catalogPlugin,
      moduleMlops,
      templates,
      projectsPlugin,
      mockServices.rootConfig.factory({
        data: {
          app: { baseUrl: 'http://portal.example' },
          catalog: {
            rules: [
              {
                allow: [
                  'Component',
                  'Location',
                  'System',
                  'Template',
                  'User',
                  'Group',
                ],
              },
            ],
            locations: [{ type: 'file', target: file }],
            stitchingStrategy: {
              mode: 'deferred',
              pollingInterval: { milliseconds: 100 },
            },
          },
        },
      }),
    ],
  });
}, 60_000);

afterAll(async () => {
  await backend.stop();
  fs.rmSync(folder, { recursive: true, force: true });
});

describe('catalog', () => {
  it('relates projects, models, pipelines and datasets, and keeps the built-in kinds', async () => {
    expect(relationsOf(await withRelations('mlproject', 'weather', 6))).toEqual(
      [
        'dependsOn component:default/site',
        'dependsOn resource:default/weather-gauges',
        'hasPart mlmodel:default/weather-rain',
        'hasPart mlpipeline:default/weather-train',
        'ownedBy group:default/sky',
        'partOf system:default/outdoors',
      ],
    );
    expect(
      relationsOf(await withRelations('mlmodel', 'weather-rain', 3)),
    ).toEqual([
      'dependsOn resource:default/weather-gauges',
      'ownedBy group:default/sky',
      'partOf mlproject:default/weather',
    ]);
    expect(
      relationsOf(await withRelations('resource', 'weather-gauges', 3)),
    ).toEqual([
      'dependencyOf mlmodel:default/weather-rain',
      'dependencyOf mlproject:default/weather',
      'ownedBy group:default/sky',
    ]);
    expect(relationsOf(await withRelations('component', 'site', 3))).toEqual([
      'dependencyOf mlproject:default/weather',
      'ownedBy group:default/sky',
      'partOf system:default/outdoors',
    ]);
    expect(relationsOf(await withRelations('user', 'ada', 1))).toEqual([
      'memberOf group:default/sky',
    ]);
    expect(relationsOf(await withRelations('group', 'sky', 7))).toEqual(
      expect.arrayContaining([
        'hasMember user:default/ada',
        'ownerOf component:default/site',
        'ownerOf mlproject:default/weather',
        'ownerOf system:default/outdoors',
      ]),
    );
    await eventually(() => find('template', 'new-thing'));
    expect(await find('component', 'broken')).toBeUndefined();
    const { body } = await request(backend.server).get(
      '/api/catalog/entities?filter=kind=location',
    );
    expect(body).toHaveLength(1);
  }, 60_000);

  it('follows a new commit', async () => {
    const { projects } = facts('2');
    answer = {
      ...facts('2'),
      projects: [{ ...projects[0], title: 'Weather', pipelines: [] }],
    };
    await eventually(
      () => find('mlproject', 'weather'),
      entity => entity.metadata.title === 'Weather',
    );
    expect(
      await eventually(async () =>
        (await find('mlpipeline', 'weather-train')) ? undefined : 'gone',
      ),
    ).toBe('gone');
  }, 60_000);
});
