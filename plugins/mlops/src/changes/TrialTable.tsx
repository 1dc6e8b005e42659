import type {
  ChangeComparison,
  ComparedRun,
} from '@backstage-mlops/mlops-core';
import { useLinks } from '../routing';
import { money } from '../runs/money';
import { useText } from '../translation';
import { difference, figure } from '../ui/figures';
import { Judged } from '../ui/State';
import { Table, type TableRow } from '../ui/Table';
import { durationText } from '../ui/time';
import { To } from '../ui/To';

type Metric = ChangeComparison['metrics'][number];

/** Two runs beside each other: their metrics with intervals and differences, what they took and cost. */
export function TrialTable(props: {
  target: string;
  trial: ComparedRun;
  main?: ComparedRun;
  metrics: Metric[];
}) {
  const { target, trial, main, metrics } = props;
  const t = useText();
  const links = useLinks();
  const time = (seconds: number) => durationText(t, seconds * 1000);
  const price = (amount: number) =>
    trial.currency ? money(amount, trial.currency) : figure(amount);
  const rows: (TableRow | undefined)[] = [
    {
      key: 'run',
      cells: [
        t('change.runRow'),
        main && <To href={links.run(main.id)}>{main.id}</To>,
        <To href={links.run(trial.id)}>{trial.id}</To>,
        '',
      ],
    },
    ...metrics.map(metric => ({
      key: `metric ${metric.name}`,
      cells: [
        metric.name,
        valueText(metric.main, metric.mainInterval),
        valueText(metric.trial, metric.trialInterval),
        <Change metric={metric} />,
      ],
    })),
    amountRow(t('change.duration'), [main?.seconds, trial.seconds], time),
    amountRow(t('change.price'), [main?.price, trial.price], price),
  ];
  return (
    <Table
      cards
      label={t('change.trial')}
      columns={[
        t('change.metric'),
        { title: t('change.onMain', { target }), figures: true },
        { title: t('change.onBranch'), figures: true },
        { title: t('change.difference'), figures: true },
      ]}
      rows={rows.filter(row => row !== undefined)}
    />
  );
}

/** Undefined where neither run has the figure. */
function amountRow(
  name: string,
  [before, now]: (number | undefined)[],
  say: (value: number) => string,
): TableRow | undefined {
  if (before === undefined && now === undefined) return undefined;
  const change =
    before === undefined || now === undefined ? undefined : now - before;
  const sign = change !== undefined && change < 0 ? '−' : '+';
  return {
    key: name,
    cells: [
      name,
      before === undefined ? '' : say(before),
      now === undefined ? '' : say(now),
      change === undefined ? '' : `${sign}${say(Math.abs(change))}`,
    ],
  };
}

/** `0.970 (0.941–0.985)`. */
function valueText(
  value?: number,
  interval?: { lower: number; upper: number },
): string {
  if (value === undefined) return '';
  return interval
    ? `${figure(value)} (${figure(interval.lower)}–${figure(interval.upper)})`
    : figure(value);
}

/** The difference, with the word for it where one can be said. */
function Change({ metric }: { metric: Metric }) {
  const t = useText();
  if (metric.difference === undefined) return null;
  const text = { difference: difference(metric.difference) };
  switch (metric.verdict) {
    case 'better':
      return <Judged as="good">{t('change.better', text)}</Judged>;
    case 'worse':
      return <Judged as="bad">{t('change.worse', text)}</Judged>;
    case 'within-noise':
      return <Judged as="quiet">{t('change.within', text)}</Judged>;
    case 'same':
      return <Judged as="quiet">{t('change.same')}</Judged>;
    case 'unknown':
      return <Judged as="quiet">{text.difference}</Judged>;
    default:
      return metric.verdict satisfies never;
  }
}
