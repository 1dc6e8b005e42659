import { createApp } from '@backstage/frontend-defaults';
import { navModule } from './modules/nav';
import { signInModule } from './modules/signIn';

// Every frontend plugin among the dependencies is found by `app.packages: all`.
export default createApp({ features: [navModule, signInModule] });
