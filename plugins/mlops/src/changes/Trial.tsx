import { useApi } from '@backstage/core-plugin-api';
import type { Change, Run } from '@backstage-mlops/mlops-core';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { useResource } from '../api/useResource';
import { useLinks } from '../routing';
import { money } from '../runs/money';
import { RunState } from '../runs/RunState';
import { isOver } from '../runs/runSentence';
import { useText } from '../translation';
import { difference, figure } from '../ui/figures';
import { Fetched } from '../ui/Fetched';
import { Note, Panel } from '../ui/Panel';
import { Judged } from '../ui/State';
import { Table, type TableRow } from '../ui/Table';
import { durationText } from '../ui/time';
import { To } from '../ui/To';
import {
  compareSides,
  type ComparedMetric,
  type ComparedNumber,
  type RunSide,
} from './compareSides';
import { loadSide } from './loadSide';

/** The run on the branch beside the last good run of the main branch. */
export function Trial({ change }: { change: Change }) {
  const { trialRun, target } = change;
  const t = useText();
  if (!trialRun) return null;
  const { pipeline } = trialRun;
  return (
    <Panel title={t('change.trialOf', { pipeline, target })}>
      <Compared change={change} trial={trialRun} />
    </Panel>
  );
}

function Compared(props: {
  change: Change;
  trial: NonNullable<Change['trialRun']>;
}) {
  const { change, trial } = props;
  const { project, target } = change;
  const api = useApi(mlopsApiRef);
  const t = useText();
  const links = useLinks();
  // The request says how the run stands; a new state is worth another look.
  const key = `${trial.id} ${trial.phase}`;
  const sides = useResource({
    key: `trial ${key}`,
    load: async () => {
      const own = await api.getRun(trial.id);
      const good = await findGoodRun(api, change, trial);
      if (!isOver(own)) return { own, good };
      const [before, now] = await Promise.all([
        good && loadSide(api, project, good),
        loadSide(api, project, own),
      ]);
      return { own, good, before, now };
    },
    againMs: value => (value && !isOver(value.own) ? 3_000 : undefined),
  });
  return (
    <Fetched of={sides} what={t('what.run')}>
      {({ own, good, before, now }) => (
        <>
          <div>
            <To href={links.run(own.id)}>{own.id}</To> <RunState run={own} />
          </div>
          {!now && <Note>{t('change.trialRuns')}</Note>}
          {now && !good && <Note>{t('change.trialNone', { target })}</Note>}
          {now && <Sides target={target} before={before} now={now} />}
        </>
      )}
    </Fetched>
  );
}

/** The newest run of the main branch that succeeded, of the same pipeline. */
async function findGoodRun(
  api: typeof mlopsApiRef.T,
  { project, target }: Change,
  trial: NonNullable<Change['trialRun']>,
): Promise<Run | undefined> {
  const { pipeline } = trial;
  const { items } = await api.listRuns({
    project,
    pipeline,
    phase: 'Succeeded',
    limit: '50',
  });
  const good = items.find(({ id, ref }) => id !== trial.id && ref === target);
  return good && api.getRun(good.id);
}

function Sides(props: { target: string; before?: RunSide; now: RunSide }) {
  const { target, before, now } = props;
  const t = useText();
  const links = useLinks();
  const found = compareSides(now, before);
  const time = (seconds: number) => durationText(t, seconds * 1000);
  const price = (amount: number) =>
    now.currency ? money(amount, now.currency) : figure(amount);
  const rows: TableRow[] = [
    {
      key: 'run',
      cells: [
        t('change.runRow'),
        before && <To href={links.run(before.run)}>{before.run}</To>,
        <To href={links.run(now.run)}>{now.run}</To>,
        '',
      ],
    },
    ...found.metrics.map(metric => ({
      key: `metric ${metric.name}`,
      cells: [
        metric.name,
        valueText(metric.before),
        valueText(metric.now),
        <MetricChange metric={metric} />,
      ],
    })),
    amountRow(t('change.duration'), found.seconds, time),
    ...(found.price ? [amountRow(t('change.price'), found.price, price)] : []),
  ];
  return (
    <>
      <Table
        label={t('change.trial')}
        columns={[
          t('change.metric'),
          { title: t('change.onMain', { target }), figures: true },
          { title: t('change.onBranch'), figures: true },
          { title: t('change.difference'), figures: true },
        ]}
        rows={rows}
      />
      {before && found.metrics.length === 0 && (
        <Note>{t('change.noMetrics')}</Note>
      )}
    </>
  );
}

function amountRow(
  name: string,
  { before, now }: ComparedNumber,
  say: (value: number) => string,
): TableRow {
  const change = before === undefined ? undefined : now - before;
  const sign = change !== undefined && change < 0 ? '−' : '+';
  return {
    key: name,
    cells: [
      name,
      before === undefined ? '' : say(before),
      say(now),
      change === undefined ? '' : `${sign}${say(Math.abs(change))}`,
    ],
  };
}

/** `0.970 (0.941 to 0.985)`. */
function valueText(side?: ComparedMetric['now']): string {
  if (!side) return '';
  const { value, interval } = side;
  return interval
    ? `${figure(value)} (${figure(interval.lower)}–${figure(interval.upper)})`
    : figure(value);
}

/** The difference, with the word for it where one can be said. */
function MetricChange({ metric }: { metric: ComparedMetric }) {
  const t = useText();
  if (metric.difference === undefined) return null;
  const text = { difference: difference(metric.difference) };
  switch (metric.judged) {
    case 'better':
      return <Judged as="good">{t('change.better', text)}</Judged>;
    case 'worse':
      return <Judged as="bad">{t('change.worse', text)}</Judged>;
    case 'within':
      return <Judged as="quiet">{t('change.within', text)}</Judged>;
    case 'same':
      return <Judged as="quiet">{t('change.same')}</Judged>;
    default:
      return <Judged as="quiet">{text.difference}</Judged>;
  }
}
