import type { RunSummary } from '@backstage-mlops/mlops-core';
import { useLinks } from '../routing';
import { RunState, starterOf } from './RunState';
import { type Text, useText } from '../translation';
import { shortCommit } from '../ui/figures';
import { Code } from '../ui/Panel';
import { Table } from '../ui/Table';
import { To } from '../ui/To';
import { Took, When } from '../ui/When';

const waits = (t: Text, { queue }: RunSummary) =>
  queue ? (
    <span title={queue.message}>
      {t('runs.place', { position: String(queue.position) })}
    </span>
  ) : (
    t('runs.waits')
  );

/** Runs in a table; cards where there is no room. */
export function RunTable({ runs }: { runs: RunSummary[] }) {
  const t = useText();
  const links = useLinks();
  return (
    <Table
      cards
      label={t('runs.label')}
      columns={[
        t('runs.columns.state'),
        t('runs.columns.run'),
        t('runs.columns.pipeline'),
        { title: t('runs.columns.duration'), figures: true },
        t('runs.columns.commit'),
        t('runs.columns.by'),
        t('runs.columns.when'),
      ]}
      rows={runs.map(run => ({
        key: run.id,
        cells: [
          <RunState run={run} />,
          <To href={links.run(run.id)}>{run.id}</To>,
          <To href={links.pipeline(run.project, run.pipeline)}>
            {run.pipeline}
          </To>,
          run.startedAt ? (
            <Took from={run.startedAt} to={run.finishedAt} />
          ) : (
            waits(t, run)
          ),
          <Code whole>{shortCommit(run.commit)}</Code>,
          starterOf(t, run),
          <When at={run.createdAt} />,
        ],
      }))}
    />
  );
}
