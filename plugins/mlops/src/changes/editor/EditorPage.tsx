import { useApi } from '@backstage/core-plugin-api';
import type { Change, Run } from '@backstage-mlops/mlops-core';
import { mlopsApiRef } from '../../api/mlopsApiRef';
import { listAgainMs } from '../../api/useLiveRuns';
import { useResource } from '../../api/useResource';
import { useLinks, useQuery } from '../../routing';
import { useText } from '../../translation';
import { Fetched } from '../../ui/Fetched';
import { Page } from '../../ui/Page';
import { Note, Panel } from '../../ui/Panel';
import { Editor } from './Editor';

/** Changes a pipeline: as it is on the main branch, or on the branch of a request. The address says which. */
export function EditorPage() {
  const t = useText();
  const links = useLinks();
  const [query] = useQuery();
  const project = query.get('project') ?? '';
  const name = query.get('pipeline') ?? '';
  const change = query.get('change') ?? undefined;
  const title = change
    ? t('editor.editTitle', { pipeline: name, change })
    : t('editor.pageTitle', { pipeline: name });
  return (
    <Page
      title={title}
      crumbs={[
        { label: t('title'), href: links.home() },
        { label: project, href: links.project(project) },
        { label: name, href: links.pipeline(project, name) },
      ]}
    >
      <Loaded
        key={`${project} ${name} ${change}`}
        project={project}
        name={name}
        change={change}
      />
    </Page>
  );
}

function Loaded(props: { project: string; name: string; change?: string }) {
  const { project, name, change } = props;
  const api = useApi(mlopsApiRef);
  const t = useText();
  const [query] = useQuery();
  const from = query.get('from') ?? undefined;
  const into = useResource<Change | null>({
    key: `editor of change ${change}`,
    load: async () => (change ? api.getChange(change) : null),
    againMs: () => (change ? listAgainMs : undefined),
  });
  const run = useResource<Run | null>({
    key: `editor from ${from}`,
    load: async () => (from ? api.getRun(from) : null),
  });
  return (
    <Fetched of={into} what={t('what.change')}>
      {request =>
        request && request.state !== 'open' ? (
          <Panel>
            <Note>{t('editor.notOpen')}</Note>
          </Panel>
        ) : (
          <Fetched of={run} what={t('what.run')}>
            {value => (
              <WithPipeline
                project={project}
                name={name}
                into={request ?? undefined}
                run={value ?? undefined}
              />
            )}
          </Fetched>
        )
      }
    </Fetched>
  );
}

function WithPipeline(props: {
  project: string;
  name: string;
  into?: Change;
  run?: Run;
}) {
  const { project, name, into, run } = props;
  const api = useApi(mlopsApiRef);
  const t = useText();
  const pipeline = useResource({
    key: `editor of pipeline ${project} ${name} ${into?.id}`,
    load: () => api.getPipeline(project, name, into?.head),
    // Somebody else may change it meanwhile.
    againMs: () => listAgainMs,
  });
  const rights = useResource({
    key: `rights ${project}`,
    load: () => api.getProject(project),
  });
  return (
    <Fetched of={pipeline} what={t('what.pipeline')}>
      {value => (
        <Editor
          pipeline={value}
          into={into}
          run={run}
          allowed={
            into ? into.allowed.update : rights.value?.allowed.propose !== false
          }
        />
      )}
    </Fetched>
  );
}
