import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import authPlugin from '@backstage/plugin-auth-backend';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import request from 'supertest';
import devUsers, { personHeader } from './devUsers';

const rex = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'User',
  metadata: { name: 'rex', namespace: 'default' },
  spec: {},
  relations: [{ type: 'memberOf', targetRef: 'group:default/reviewers' }],
};

describe('devUsers', () => {
  const environment = process.env.NODE_ENV;
  let backend: Awaited<ReturnType<typeof startTestBackend>>;
  const signIn = (person?: string) => {
    const call = request(backend.server).get('/api/auth/dev-users/refresh');
    return person ? call.set(personHeader, person) : call;
  };

  beforeAll(async () => {
    backend = await startTestBackend({
      features: [
        authPlugin,
        devUsers,
        catalogServiceMock.factory({ entities: [rex] }),
        mockServices.rootConfig.factory({
          data: {
            app: { baseUrl: 'http://localhost:7007' },
            auth: {
              providers: {
                'dev-users': {
                  people: [{ ref: 'user:default/rex', name: 'Rex' }],
                },
              },
            },
          },
        }),
      ],
    });
  });
  afterAll(() => backend.stop());
  beforeEach(() => {
    (process.env as Record<string, string>).NODE_ENV = 'development';
  });
  afterEach(() => {
    (process.env as Record<string, unknown>).NODE_ENV = environment;
  });

  it('gives a token of Backstage to the person who was chosen', async () => {
    const { status, body } = await signIn('user:default/rex');
    expect(status).toBe(200);
    expect(body.profile.displayName).toBe('Rex');
    expect(body.backstageIdentity.identity).toEqual({
      type: 'user',
      userEntityRef: 'user:default/rex',
      ownershipEntityRefs: ['user:default/rex', 'group:default/reviewers'],
    });
    expect(body.backstageIdentity.token).toMatch(/^ey[\w-]+\.[\w-]+\.[\w-]+$/);
  });

  it('refuses whoever is not on the list, and names who is', async () => {
    for (const person of [undefined, 'user:default/mallory', '']) {
      const { status, body } = await signIn(person);
      expect(status).toBe(400);
      expect(body.error.message).toBe(
        'The header x-portal-person must be one of user:default/rex.',
      );
    }
  });

  it.each(['production', 'test'])('signs nobody in as %s', async name => {
    (process.env as Record<string, string>).NODE_ENV = name;
    const { status, body } = await signIn('user:default/rex');
    expect(status).toBe(403);
    expect(body.error.message).toMatch(
      /only chosen from a list in development/,
    );
  });
});
