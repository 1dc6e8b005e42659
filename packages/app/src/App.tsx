import { createApp } from '@backstage/frontend-defaults';
import { navModule } from './modules/nav';

// Every frontend plugin among the dependencies is found by `app.packages: all`.
export default createApp({ features: [navModule] });
