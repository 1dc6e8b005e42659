import {
  entityEnvelopeSchemaValidator,
  getCompoundEntityRef,
  makeValidator,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import {
  compileCatalogModel,
  defaultCatalogEntityModel,
} from '@backstage/catalog-model/alpha';
import { portalPages, type CatalogFacts } from '@backstage-mlops/mlops-core';
import fc from 'fast-check';
import { mlopsModelLayer } from './kinds';
import { entityName, toEntities } from './toEntities';

const project = {
  name: 'weather',
  title: 'Weather',
  description: 'Says whether it rains.',
  owner: 'group:default/sky',
  lifecycle: 'experimental',
  system: 'outdoors',
  tags: ['tabular'],
  links: [{ url: 'https://example.org', title: 'More' }],
  path: 'ml-projects/weather',
  models: [
    {
      name: 'rain',
      title: 'Rain',
      task: 'tabular-classification',
      file: 'ml-projects/weather/models/rain.yaml',
    },
  ],
  pipelines: [
    { name: 'train', file: 'ml-projects/weather/pipelines/train.yaml' },
  ],
  datasets: [
    {
      name: 'rain',
      title: 'Rain gauges',
      file: 'ml-projects/weather/datasets/rain.yaml',
    },
  ],
};
const factsOf = (
  ...projects: Partial<typeof project & { component: string }>[]
): CatalogFacts => ({
  commit: 'a'.repeat(40),
  branch: 'main',
  projects: projects.map(given => ({ ...project, ...given })),
});
const options = {
  location: 'mlops:gitops',
  portalUrl: 'http://portal.example/',
};
const entitiesOf = (facts: CatalogFacts) => toEntities(facts, options);
const byRef = (facts: CatalogFacts) =>
  new Map(
    entitiesOf(facts).map(entity => [stringifyEntityRef(entity), entity]),
  );

describe('toEntities', () => {
  it('gives one entity to each project, model, pipeline and dataset', () => {
    expect([...byRef(factsOf({})).keys()]).toEqual([
      'mlproject:default/weather',
      'mlmodel:default/weather-rain',
      'mlpipeline:default/weather-train',
      'resource:default/weather-rain',
    ]);
  });

  it('keeps owner, lifecycle and system, and leads every part to its project', () => {
    const entities = byRef(factsOf({}));
    expect(entities.get('mlproject:default/weather')!.spec).toEqual({
      type: 'machine-learning',
      owner: 'group:default/sky',
      lifecycle: 'experimental',
      system: 'outdoors',
      dependsOn: ['resource:default/weather-rain'],
    });
    expect(entities.get('mlmodel:default/weather-rain')!.spec).toMatchObject({
      project: 'weather',
      owner: 'group:default/sky',
      type: 'tabular-classification',
      dependsOn: ['resource:default/weather-rain'],
    });
    expect(
      entities.get('mlpipeline:default/weather-train')!.spec,
    ).toMatchObject({ project: 'weather', owner: 'group:default/sky' });
  });

  it.each([
    ['site', 'component:default/site'],
    ['component:site', 'component:default/site'],
    ['Component:shop/site', 'component:shop/site'],
    ['api:default/forecast', 'api:default/forecast'],
  ])(
    'points to the existing component %s and makes no entity for it',
    (component, ref) => {
      const entities = byRef(factsOf({ component, datasets: [] }));
      expect(
        entities.get('mlproject:default/weather')!.spec!.dependsOn,
      ).toEqual([ref]);
      expect([...entities.keys()].filter(key => !/^ml/.test(key))).toEqual([]);
    },
  );

  it('links to its page, and to the repository where that has an address', () => {
    const [here] = entitiesOf(factsOf({}));
    expect(here.metadata.annotations).toMatchObject({
      'backstage.io/view-url': '/mlops/projects/weather',
      'backstage.io/source-location':
        'url:http://portal.example/mlops/projects/weather',
      'backstage.io/managed-by-location': 'mlops:gitops',
      'backstage.io/managed-by-origin-location': 'mlops:gitops',
    });
    const moved = { ...options, pages: portalPages('/ml') };
    expect(
      toEntities(factsOf({}), moved).map(
        ({ metadata }) => metadata.annotations!['backstage.io/view-url'],
      ),
    ).toEqual([
      '/ml/projects/weather',
      '/ml/projects/weather/models/rain',
      '/ml/projects/weather/pipelines/train',
      '/ml/projects/weather/data/rain',
    ]);
    const [, there] = entitiesOf({
      ...factsOf({}),
      url: 'https://git.example.org/team/ml.git',
    });
    expect(there.metadata.annotations!['backstage.io/source-location']).toBe(
      'url:https://git.example.org/team/ml/blob/main/ml-projects/weather/models/rain.yaml',
    );
  });

  it('makes entities that the catalog takes, whatever the names allow', () => {
    const name = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
    const model = compileCatalogModel([
      defaultCatalogEntityModel,
      mlopsModelLayer,
    ]);
    const validEnvelope = entityEnvelopeSchemaValidator();
    const { isValidEntityName } = makeValidator();
    fc.assert(
      fc.property(
        name,
        fc.uniqueArray(name, { maxLength: 5 }),
        (own, names) => {
          const items = names.map(item => ({
            name: item,
            task: 'x',
            file: 'f',
          }));
          const entities = entitiesOf(
            factsOf({
              name: own,
              models: items as never,
              pipelines: items as never,
              datasets: items as never,
            }),
          );
          const refs = new Set(
            entities.map(entity =>
              stringifyEntityRef(getCompoundEntityRef(entity)),
            ),
          );
          expect(refs.size).toBe(1 + 3 * names.length);
          for (const entity of entities) {
            expect(() => validEnvelope(entity)).not.toThrow();
            expect(isValidEntityName(entity.metadata.name)).toBe(true);
            expect(
              model.getKind({
                apiVersion: entity.apiVersion,
                kind: entity.kind,
              }),
            ).toBeDefined();
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('entityName', () => {
  it('leaves names that fit as they are', () => {
    expect(entityName('weather', 'rain')).toBe('weather-rain');
  });

  it('keeps two long names with the same beginning apart', () => {
    const long = 'a'.repeat(60);
    expect(entityName(long, 'one')).not.toBe(entityName(long, 'two'));
    expect(entityName(long, 'one')).toHaveLength(63);
  });
});
