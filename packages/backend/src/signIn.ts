/* The people of the demo sign in without a secret, so steps, which reach the portal like anybody else, are kept from it. */
import { rootHttpRouterServiceFactory } from '@backstage/backend-defaults/rootHttpRouter';
import { peopleOnly } from '@backstage-mlops/plugin-mlops-backend';

export default rootHttpRouterServiceFactory({
  configure({ app, applyDefaults, logger }) {
    app.use('/api/auth', peopleOnly(logger));
    applyDefaults();
  },
});
