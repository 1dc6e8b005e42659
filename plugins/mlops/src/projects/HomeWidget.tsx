import { useApi } from '@backstage/core-plugin-api';
import type { ProjectSummary } from '@backstage-mlops/mlops-core';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { listAgainMs, useLiveRuns } from '../api/useLiveRuns';
import { useResource } from '../api/useResource';
import { useOpenChanges } from '../changes/useOpenChanges';
import { useLinks } from '../routing';
import { RunState } from '../runs/RunState';
import { useText } from '../translation';
import { Fetched } from '../ui/Fetched';
import { Inline, Stack } from '../ui/Page';
import { Note } from '../ui/Panel';
import { Table } from '../ui/Table';
import { To } from '../ui/To';
import { byAttention } from './attend';

/** How many projects fit into the card. */
const most = 5;

/** On the portal's home page: the projects that most need a person, and how many requests are open. */
export function HomeWidget() {
  const api = useApi(mlopsApiRef);
  const t = useText();
  const links = useLinks();
  const projects = useLiveRuns(
    useResource({
      key: 'projects',
      load: () => api.listProjects(),
      againMs: () => listAgainMs,
    }),
  );
  const open = useOpenChanges();
  return (
    <Fetched of={projects} what={t('what.projects')}>
      {({ items }) => (
        <Stack>
          {items.length === 0 ? (
            <Note>{t('home.empty')}</Note>
          ) : (
            <ProjectStates items={byAttention(items).slice(0, most)} />
          )}
          <Inline>
            <To href={links.home()}>{t('home.all')}</To>
            {open > 0 && (
              <To href={links.changes()}>
                {t('changes.open', { count: open })}
              </To>
            )}
          </Inline>
        </Stack>
      )}
    </Fetched>
  );
}

function ProjectStates({ items }: { items: ProjectSummary[] }) {
  const t = useText();
  const links = useLinks();
  return (
    <Table
      label={t('home.projects')}
      columns={[t('home.columns.project'), t('home.columns.lastRun')]}
      rows={items.map(({ name, title, state, lastRun }) => ({
        key: name,
        cells: [
          <To href={links.project(name)}>{title}</To>,
          state === 'faulty' ? (
            t('home.faulty')
          ) : lastRun ? (
            <To href={links.run(lastRun.id)}>
              <RunState run={lastRun} />
            </To>
          ) : (
            t('time.none')
          ),
        ],
      }))}
    />
  );
}
