import { useApi } from '@backstage/core-plugin-api';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { listAgainMs, useLiveRuns } from '../api/useLiveRuns';
import { useResource } from '../api/useResource';
import { useLinks } from '../routing';
import { RunBars } from '../runs/RunBars';
import { RunState } from '../runs/RunState';
import { useText } from '../translation';
import { Fetched } from '../ui/Fetched';
import { Note } from '../ui/Panel';
import { Table } from '../ui/Table';
import { To } from '../ui/To';
import { Took, When } from '../ui/When';

/** The last 20 runs of a pipeline as bars, the newest five with their names. */
export function LastRuns(props: { project: string; pipeline: string }) {
  const { project, pipeline } = props;
  const api = useApi(mlopsApiRef);
  const t = useText();
  const links = useLinks();
  const runs = useLiveRuns(
    useResource({
      key: `last runs ${project} ${pipeline}`,
      load: () => api.listRuns({ project, pipeline, limit: '20' }),
      againMs: () => listAgainMs,
    }),
  );
  return (
    <Fetched of={runs} what={t('what.runs')}>
      {({ items }) =>
        items.length === 0 ? (
          <Note>{t('runs.empty')}</Note>
        ) : (
          <>
            <RunBars runs={items} />
            <Table
              label={t('runs.label')}
              columns={[
                t('runs.columns.run'),
                t('runs.columns.state'),
                { title: t('runs.columns.duration'), figures: true },
              ]}
              rows={items.slice(0, 5).map(run => ({
                key: run.id,
                cells: [
                  <>
                    <To href={links.run(run.id)}>{run.id}</To>
                    <Note>
                      <When at={run.createdAt} />
                    </Note>
                  </>,
                  <RunState run={run} />,
                  <Took from={run.startedAt} to={run.finishedAt} />,
                ],
              }))}
            />
          </>
        )
      }
    </Fetched>
  );
}
