import {
  pullRequestHostContract,
  pullRequestHostFiles,
} from '@backstage-mlops/mlops-core/testUtils';
import { databases } from '../__testUtils__/startPortal';
import { startHost } from '../__testUtils__/startHost';

jest.setTimeout(60_000);

describe.each(databases)('pull requests of the portal, %s', client => {
  pullRequestHostContract(() => startHost(client, pullRequestHostFiles));
});
