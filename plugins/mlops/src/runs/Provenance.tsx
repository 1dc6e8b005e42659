import type { Run } from '@backstage-mlops/mlops-core';
import type { ReactNode } from 'react';
import { useLinks } from '../routing';
import { useText } from '../translation';
import { shortCommit } from '../ui/figures';
import { Code, Facts, Panel } from '../ui/Panel';
import { To } from '../ui/To';
import { ExactTime, Took } from '../ui/When';
import { starterOf } from './RunState';

/** What a run was made of, and who asked for it. */
export function Provenance({ run }: { run: Run }) {
  const t = useText();
  const links = useLinks();
  const { project, pipeline, commit, parameters } = run;
  const at = links.pipeline(project, pipeline, { ref: commit });
  return (
    <>
      <Panel title={t('run.provenance')}>
        <Facts
          items={[
            [
              t('run.commit'),
              commit && <To href={at}>{shortCommit(commit)}</To>,
            ],
            [t('run.ref'), run.ref],
            [t('run.file'), run.file && <Code>{run.file}</Code>],
            [t('run.by'), starterOf(t, run)],
            [t('run.engine'), run.engine !== 'local' && run.engine],
            [
              t('run.scheduledFor'),
              run.trigger.kind === 'schedule' && (
                <ExactTime at={run.trigger.scheduledFor} />
              ),
            ],
            [t('run.submitted'), <ExactTime at={run.createdAt} />],
            [
              t('run.took'),
              run.startedAt && (
                <Took from={run.startedAt} to={run.finishedAt} />
              ),
            ],
            [
              t('run.origin'),
              run.origin && (
                <To href={links.run(run.origin.run)}>{run.origin.run}</To>
              ),
            ],
            [t('run.trackingRun'), <Code>{run.trackingRunId}</Code>],
          ]}
        />
      </Panel>
      {parameters.length > 0 && (
        <Panel title={t('run.parameters')}>
          <Facts
            items={parameters.map(({ name, value }): [string, ReactNode] => [
              name,
              <Code>{value}</Code>,
            ])}
          />
        </Panel>
      )}
    </>
  );
}
