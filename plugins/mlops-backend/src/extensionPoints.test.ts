/* The examples of docs/extend.md and docs/permissions.md. */
import { startTestBackend } from '@backstage/backend-test-utils';
import {
  AuthorizeResult,
  createPermission,
} from '@backstage/plugin-permission-common';
import type { PermissionPolicy } from '@backstage/plugin-permission-node';
import { policyExtensionPoint } from '@backstage/plugin-permission-node/alpha';
import { mlopsPermissions } from '@backstage-mlops/mlops-core';
import {
  projectFile,
  startPortal,
  templateFile,
  type TestPortal,
} from './__testUtils__/startPortal';
import { serveRepository } from './__testUtils__/serveRepository';
import anotherEngine from './__testUtils__/examples/anotherEngine';
import anotherHost from './__testUtils__/examples/anotherHost';
import ownPolicy from './__testUtils__/examples/ownPolicy';

describe('a portal with modules of its own', () => {
  let portal: TestPortal;
  let repository: Awaited<ReturnType<typeof serveRepository>>;
  beforeAll(async () => {
    repository = await serveRepository({
      'ml-projects/leaves/mlproject.yaml': projectFile('leaves'),
      'ml-projects/leaves/pipelines/train.yaml': templateFile(
        'train',
        "entrypoint: main\ntemplates:\n  - name: main\n    container: { image: tools, command: ['true'] }",
      ),
    });
    portal = await startPortal(
      'better-sqlite3',
      {},
      {
        gitops: { url: repository.url },
        externalUrl: 'https://portal.example.org',
      },
      [anotherEngine, anotherHost],
    );
  }, 120_000);
  afterAll(async () => {
    await portal?.stop();
    await repository?.stop();
  });

  it('runs on an engine that a module gives', async () => {
    const { status, body } = await portal.post('runs', {
      project: 'leaves',
      pipeline: 'train',
      engine: 'notebook',
    });
    expect([status, body.error]).toEqual([201, undefined]);
    expect(await portal.end(body.id)).toMatchObject({
      phase: 'Succeeded',
      engine: 'notebook',
    });
  }, 60_000);

  it('has its requests where a module keeps them', async () => {
    expect((await portal.get('changes')).body.items).toEqual([]);
    const { status, body } = await portal.post('changes', {
      project: 'leaves',
      title: 'Another',
      edits: [{ path: 'ml-projects/leaves/README.md', content: 'Hello\n' }],
    });
    expect(status).toBe(400);
    expect(body.error.message).toBe(
      `Changes are proposed at ${repository.url}.`,
    );
  }, 60_000);
});

describe('a policy of somebody else', () => {
  it('decides on merges by our rules, and as it likes on everything', async () => {
    let policy: PermissionPolicy | undefined;
    const backend = await startTestBackend({
      extensionPoints: [
        [
          policyExtensionPoint,
          {
            setPolicy(given) {
              policy = given;
            },
          },
        ],
      ],
      features: [ownPolicy],
    });
    await backend.stop();
    const ask = (permission: { name: string }, isKnown = true) =>
      policy!.handle(
        { permission: createPermission(permission as never) },
        isKnown
          ? ({
              info: {
                userEntityRef: 'user:default/ann',
                ownershipEntityRefs: ['group:default/botany'],
              },
            } as never)
          : undefined,
      );
    expect(await ask(mlopsPermissions.changeMerge)).toMatchObject({
      result: AuthorizeResult.CONDITIONAL,
      resourceType: 'mlops-change',
      conditions: {
        allOf: [
          {
            rule: 'IS_PROJECT_OWNER',
            params: { claims: ['group:default/botany'] },
          },
          { rule: 'IS_NOT_AUTHOR', params: { user: 'user:default/ann' } },
        ],
      },
    });
    const all = { result: AuthorizeResult.ALLOW };
    expect(await ask(mlopsPermissions.runCreate)).toEqual(all);
    expect(await ask(mlopsPermissions.runCreate, false)).toEqual({
      result: AuthorizeResult.DENY,
    });
  }, 60_000);
});
