import { useApi } from '@backstage/core-plugin-api';
import type { Change } from '@backstage-mlops/mlops-core';
import { mlopsApiRef } from '../../api/mlopsApiRef';
import { listAgainMs } from '../../api/useLiveRuns';
import { useResource } from '../../api/useResource';
import { mainPipeline } from '../../projects/mainPipeline';
import { useLinks, useQuery } from '../../routing';
import { useText } from '../../translation';
import { Fetched } from '../../ui/Fetched';
import { Page } from '../../ui/Page';
import { Note, Panel } from '../../ui/Panel';
import { FilesEditor } from './FilesEditor';

/** Changes any files of a project: as they are on the main branch, or on the branch of a request. The address says which. */
export function FilesPage() {
  const t = useText();
  const links = useLinks();
  const [query] = useQuery();
  const project = query.get('project') ?? '';
  const change = query.get('change') ?? undefined;
  return (
    <Page
      title={
        change
          ? t('files.editTitle', { project, change })
          : t('files.pageTitle', { project })
      }
      crumbs={[
        { label: t('title'), href: links.home() },
        { label: project, href: links.project(project) },
        ...(change
          ? [
              {
                label: t('files.request', { change }),
                href: links.change(change),
              },
            ]
          : []),
      ]}
    >
      <Loaded key={`${project} ${change}`} project={project} change={change} />
    </Page>
  );
}

function Loaded({ project, change }: { project: string; change?: string }) {
  const api = useApi(mlopsApiRef);
  const t = useText();
  const into = useResource<Change | null>({
    key: `files of change ${change}`,
    load: async () => (change ? api.getChange(change) : null),
    againMs: () => (change ? listAgainMs : undefined),
  });
  return (
    <Fetched of={into} what={t('what.change')}>
      {request =>
        request && request.state !== 'open' ? (
          <Panel>
            <Note>{t('editor.notOpen')}</Note>
          </Panel>
        ) : (
          <WithFiles project={project} into={request ?? undefined} />
        )
      }
    </Fetched>
  );
}

function WithFiles({ project, into }: { project: string; into?: Change }) {
  const api = useApi(mlopsApiRef);
  const t = useText();
  const files = useResource({
    key: `files ${project} ${into?.id}`,
    load: () => api.listFiles(project, into?.head),
    // Somebody else may change them meanwhile.
    againMs: () => listAgainMs,
  });
  const known = useResource({
    key: `rights ${project}`,
    // A project that a request brings is nowhere else yet.
    load: () => (into ? Promise.resolve(null) : api.getProject(project)),
  });
  return (
    <Fetched of={files} what={t('what.files')}>
      {list => (
        <Fetched of={known} what={t('what.project')}>
          {detail => (
            <FilesEditor
              list={list}
              into={into}
              trial={detail ? mainPipeline(detail) : undefined}
              allowed={
                into ? into.allowed.update : detail?.allowed.propose !== false
              }
            />
          )}
        </Fetched>
      )}
    </Fetched>
  );
}
