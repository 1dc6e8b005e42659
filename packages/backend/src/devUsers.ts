/*
 * Sign-in of development: whoever opens the portal chooses who they are. It answers with NODE_ENV=development alone, so a portal
 * that others use needs a real provider. Tokens are Backstage's own, with the groups that the catalog has.
 */
import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import type { Config } from '@backstage/config';
import { InputError, NotAllowedError } from '@backstage/errors';
import {
  authProvidersExtensionPoint,
  createProxyAuthenticator,
  createProxyAuthProviderFactory,
} from '@backstage/plugin-auth-node';

/** Which person a call signs in as: an entity reference. A page of another origin cannot send it without being asked first. */
export const personHeader = 'x-portal-person';

interface Person {
  ref: string;
  name: string;
}

/** People that `auth.providers.dev-users` offers. */
function readPeople(config: Config): Person[] {
  return config.getConfigArray('people').map(person => ({
    ref: person.getString('ref'),
    name: person.getString('name'),
  }));
}

const authenticator = createProxyAuthenticator({
  defaultProfileTransform: async (person: Person) => ({
    profile: { displayName: person.name },
  }),
  initialize: ({ config }) => readPeople(config),
  async authenticate({ req }, people: Person[]) {
    if (process.env.NODE_ENV !== 'development')
      throw new NotAllowedError(
        'People are only chosen from a list in development. Sign in with another provider.',
      );
    const wanted = req.get(personHeader);
    const person = people.find(({ ref }) => ref === wanted);
    if (!person)
      throw new InputError(
        `The header ${personHeader} must be one of ${people
          .map(({ ref }) => ref)
          .join(', ')}.`,
      );
    return { result: person };
  },
});

export default createBackendModule({
  pluginId: 'auth',
  moduleId: 'dev-users-provider',
  register(env) {
    env.registerInit({
      deps: {
        logger: coreServices.logger,
        providers: authProvidersExtensionPoint,
      },
      async init({ logger, providers }) {
        providers.registerProvider({
          providerId: 'dev-users',
          factory: createProxyAuthProviderFactory({
            authenticator,
            signInResolver: ({ result }, context) => {
              logger.info(`Signed in as ${result.ref} for development.`);
              return context.signInWithCatalogUser({ entityRef: result.ref });
            },
          }),
        });
      },
    });
  },
});
