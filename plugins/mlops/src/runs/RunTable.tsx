import type { RunSummary } from '@backstage-mlops/mlops-core';
import { links } from '../routing';
import { ago, duration, nameOf, shortCommit } from '../ui/text';
import { Empty, State, Table, To, styles } from '../ui/ui';

/** Runs in a table. */
export function RunTable({
  runs,
  showProject,
}: {
  runs: RunSummary[];
  showProject?: boolean;
}) {
  if (runs.length === 0)
    return <Empty>No run yet. Open a pipeline and press Run.</Empty>;
  return (
    <Table
      label="Runs"
      head={[
        'State',
        'Run',
        ...(showProject ? ['Project'] : []),
        'Pipeline',
        'Duration',
        'Commit',
        'By',
        'When',
      ]}
      rows={runs.map(run => ({
        key: run.id,
        cells: [
          <State phase={run.phase} />,
          <To href={links.run(run.id)}>{run.id}</To>,
          ...(showProject
            ? [<To href={links.project(run.project)}>{run.project}</To>]
            : []),
          <To href={links.pipeline(run.project, run.pipeline)}>
            {run.pipeline}
          </To>,
          run.startedAt ? duration(run.startedAt, run.finishedAt) : 'waits',
          <span className={styles.mono}>{shortCommit(run.commit)}</span>,
          nameOf(run.trigger.by),
          <time dateTime={run.createdAt} title={run.createdAt}>
            {ago(run.createdAt)}
          </time>,
        ],
      }))}
    />
  );
}

/** The last runs as bars: height is duration, colour and pattern are the state. */
export function RunBars({ runs }: { runs: RunSummary[] }) {
  const seconds = (run: RunSummary) =>
    run.startedAt
      ? (Date.parse(run.finishedAt ?? new Date().toISOString()) -
          Date.parse(run.startedAt)) /
        1000
      : 0;
  const top = Math.max(1, ...runs.map(seconds));
  const tone = (phase: string) =>
    ({ Succeeded: styles.good, Failed: styles.bad, Error: styles.bad }[phase] ??
    styles.active);
  return (
    <div className={styles.bars}>
      {[...runs].reverse().map(run => (
        <a
          key={run.id}
          className={`${styles.bar} ${tone(run.phase)} ${
            ['Failed', 'Error'].includes(run.phase) ? styles.barFailed : ''
          }`}
          style={{
            height: `${Math.max(6, (seconds(run) / top) * 100)}%`,
            ...(['Failed', 'Error'].includes(run.phase)
              ? { background: undefined }
              : {}),
          }}
          href={links.run(run.id)}
          title={`${run.id}: ${run.phase}, ${duration(
            run.startedAt,
            run.finishedAt,
          )}`}
          aria-label={`${run.id}: ${run.phase}, ${duration(
            run.startedAt,
            run.finishedAt,
          )}`}
        />
      ))}
    </div>
  );
}
