import type {
  PromotionPreview,
  PromotionSide,
  RegisteredModel,
} from '@backstage-mlops/mlops-core';
import { compareVersions } from '../models/compareVersions';
import { useLinks } from '../routing';
import { useText, type Text } from '../translation';
import {
  bytes,
  difference,
  figure,
  shortCommit,
  shortDigest,
} from '../ui/figures';
import { Code, Note, Panel } from '../ui/Panel';
import { Judged } from '../ui/State';
import { Table, type TableRow } from '../ui/Table';
import { To } from '../ui/To';
import { When } from '../ui/When';

type Primary = RegisteredModel['primaryMetric'];

/** Champion, candidate, difference: metrics, slices, what they are made of, parameters. */
export function SideBySide(props: {
  preview: PromotionPreview;
  primaryMetric: Primary;
}) {
  const { champion, candidate } = props.preview;
  const t = useText();
  const columns = [
    ...(champion ? [t('promote.champion', { version: champion.version })] : []),
    t('promote.candidate', { version: candidate.version }),
  ];
  return (
    <>
      <Panel title={t('promote.compare')}>
        {!champion && <Note>{t('promote.noChampion')}</Note>}
        <Table
          cards
          label={t('promote.compare')}
          columns={[
            t('promote.metric'),
            ...columns.map(title => ({ title, figures: true })),
            ...(champion
              ? [{ title: t('promote.difference'), figures: true }]
              : []),
          ]}
          rows={metricRows(t, props)}
        />
      </Panel>
      <Slices {...props.preview} columns={columns} />
      <Panel title={t('promote.about')}>
        <Table
          cards
          label={t('promote.about')}
          columns={['', ...columns]}
          rows={originRows(t, props.preview)}
        />
      </Panel>
    </>
  );
}

function metricRows(
  t: Text,
  props: { preview: PromotionPreview; primaryMetric: Primary },
): TableRow[] {
  const { champion, candidate } = props.preview;
  const judged = new Map(
    champion
      ? compareVersions(candidate, champion, props.primaryMetric).metrics.map(
          item => [item.name, item],
        )
      : [],
  );
  const names = new Set([
    ...(props.primaryMetric ? [props.primaryMetric.name] : []),
    ...Object.keys(candidate.metrics),
    ...Object.keys(champion?.metrics ?? {}),
  ]);
  return [...names]
    .filter(
      name =>
        candidate.metrics[name] !== undefined ||
        champion?.metrics[name] !== undefined,
    )
    .map(name => {
      const change = judged.get(name);
      return {
        key: name,
        cells: [
          name,
          ...(champion ? [valueOf(t, champion, name)] : []),
          valueOf(t, candidate, name),
          ...(champion
            ? [
                change && (
                  <Difference
                    amount={change.difference}
                    judged={change.judged}
                  />
                ),
              ]
            : []),
        ],
      };
    });
}

function valueOf(t: Text, side: PromotionSide | undefined, name: string) {
  const value = side?.metrics[name];
  if (value === undefined) return t('time.none');
  const interval = side!.intervals[name];
  return interval
    ? `${figure(value)} (${t('version.from', {
        lower: figure(interval.lower),
        upper: figure(interval.upper),
      })})`
    : figure(value);
}

function Difference(props: { amount: number; judged?: 'better' | 'worse' }) {
  const t = useText();
  const { amount, judged } = props;
  if (Math.abs(amount) < 1e-9)
    return <Judged as="quiet">{t('version.same')}</Judged>;
  const text = difference(amount);
  if (!judged) return <Judged as="quiet">{text}</Judged>;
  return (
    <Judged as={judged === 'better' ? 'good' : 'bad'}>
      {t(`version.${judged}`, { difference: text })}
    </Judged>
  );
}

function Slices(props: {
  champion?: PromotionSide;
  candidate: PromotionSide;
  columns: string[];
}) {
  const { champion, candidate, columns } = props;
  const t = useText();
  if (candidate.slices.length === 0) return null;
  return (
    <Panel title={t('promote.slices')}>
      <Table
        cards
        label={t('promote.slices')}
        columns={[
          t('promote.slice'),
          t('promote.metric'),
          ...columns.map(title => ({ title, figures: true })),
          ...(champion
            ? [{ title: t('promote.difference'), figures: true }]
            : []),
        ]}
        rows={candidate.slices.map(slice => {
          const before = champion?.slices.find(
            item =>
              item.feature === slice.feature &&
              item.value === slice.value &&
              item.metric === slice.metric,
          );
          return {
            key: `${slice.feature} ${slice.value} ${slice.metric}`,
            cells: [
              `${slice.feature}: ${slice.value} (${slice.examples})`,
              slice.metric,
              ...(champion
                ? [before ? figure(before.metricValue) : t('time.none')]
                : []),
              figure(slice.metricValue),
              ...(champion
                ? [
                    before && (
                      <Difference
                        amount={slice.metricValue - before.metricValue}
                      />
                    ),
                  ]
                : []),
            ],
          };
        })}
      />
    </Panel>
  );
}

function originRows(t: Text, preview: PromotionPreview): TableRow[] {
  const { champion, candidate } = preview;
  const row = (
    name: string,
    show: (side: PromotionSide) => React.ReactNode,
  ): TableRow => ({
    key: name,
    cells: [name, ...(champion ? [show(champion)] : []), show(candidate)],
  });
  const parameters = champion
    ? compareVersions(candidate, champion).parameters
    : [];
  return [
    row(t('promote.data'), side =>
      side.dataset ? (
        <Code whole>{`${side.dataset.name} ${shortDigest(
          side.dataset.digest,
        )}`}</Code>
      ) : (
        t('time.none')
      ),
    ),
    row(t('promote.size'), side => bytes(side.sizeBytes)),
    row(t('promote.commit'), side =>
      side.commit ? (
        <Code whole>{shortCommit(side.commit)}</Code>
      ) : (
        t('time.none')
      ),
    ),
    row(t('promote.run'), side =>
      side.runId ? <RunLink run={side.runId} /> : t('time.none'),
    ),
    row(t('promote.when'), side => <When at={side.createdAt} />),
    ...parameters.map(({ name, before, now }) => ({
      key: `parameter ${name}`,
      cells: [name, <Code>{before}</Code>, <Code>{now}</Code>],
    })),
    ...(champion && parameters.length === 0
      ? [
          {
            key: 'parameters',
            cells: [
              t('promote.parameters'),
              <Note>{t('promote.sameParameters')}</Note>,
            ],
          },
        ]
      : []),
  ];
}

function RunLink({ run }: { run: string }) {
  const links = useLinks();
  return <To href={links.run(run)}>{run}</To>;
}
