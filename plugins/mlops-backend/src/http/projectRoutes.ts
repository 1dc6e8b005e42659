import { NotFoundError } from '@backstage-mlops/mlops-core';
import { queryText } from './fields';
import { pageLimit } from './pageLimit';
import { rest } from './rest';
import type { Route } from './route';
import type { RouteTargets } from './routes';
import { sendBytes } from './sendBytes';

/** Projects, and what is read of them at a commit: pipelines, datasets, refs. */
export function projectRoutes({
  projects,
  datasets,
  tracking,
  repository,
  index,
}: RouteTargets): Route[] {
  return [
    {
      method: 'get',
      path: '/projects',
      permission: 'projectRead',
      event: 'project-list',
      lists: true,
      handle: async call =>
        projects.list({
          visible: await call.projectsOf('projectRead'),
          limit: pageLimit(call, 200),
          cursor: queryText(call.request, 'cursor'),
          text: queryText(call.request, 'text'),
          owner: queryText(call.request, 'owner'),
        }),
    },
    {
      method: 'get',
      path: '/projects/:project',
      permission: 'projectRead',
      event: 'project-get',
      handle: async ({ request, may }) =>
        projects.detail(request.params.project, {
          run: await may('runCreate'),
          control: await may('runControl'),
          propose: await may('changePropose'),
        }),
    },
    {
      method: 'get',
      path: '/projects/:project/docs',
      permission: 'projectRead',
      event: 'project-docs-get',
      handle: async ({ request }) => projects.docs(request.params.project),
    },
    {
      method: 'get',
      path: '/pipelines/:project/:pipeline',
      permission: 'projectRead',
      event: 'pipeline-get',
      handle: ({ request }) =>
        projects.pipeline(
          request.params.project,
          request.params.pipeline,
          queryText(request, 'ref'),
        ),
    },
    {
      method: 'get',
      path: '/datasets/:project/:dataset',
      permission: 'projectRead',
      event: 'dataset-get',
      handle: ({ request }) =>
        datasets.dataset(request.params.project, request.params.dataset),
    },
    {
      method: 'get',
      path: '/datasets/:project/:dataset/files/*',
      permission: 'projectRead',
      event: 'dataset-file-get',
      handle: async call => {
        const { project, dataset } = call.request.params as Record<
          string,
          string
        >;
        const run = await datasets.newestRun(project, dataset);
        if (!run)
          throw new NotFoundError('There is no such file.', 'not-found');
        await sendBytes(
          call.response,
          rest(call),
          await tracking.openArtifact(
            run.run_uuid,
            `datasets/${dataset}/${rest(call)}`,
          ),
        );
      },
    },
    {
      method: 'get',
      path: '/refs',
      permission: 'projectRead',
      event: 'ref-list',
      lists: true,
      // Names of branches and titles of commits tell of every project.
      handle: async call =>
        (await call.projectsOf('projectRead')) === undefined
          ? {
              branches: await repository.branches(),
              commits: index.commit
                ? await repository.log(index.commit, '', 50)
                : [],
            }
          : {
              branches: (await repository.branches()).filter(
                branch => branch.name === index.branch,
              ),
              commits: [],
            },
    },
  ];
}
