import { useApi } from '@backstage/core-plugin-api';
import type {
  EvaluationReport,
  ModelVersionDetail,
} from '@backstage-mlops/mlops-core';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { useResource } from '../api/useResource';
import { links } from '../routing';
import { Curves } from '../runs/Curves';
import { AuthenticatedImage } from '../ui/AuthenticatedImage';
import { Bars } from '../ui/charts';
import { bytes, figure, shortCommit, shortDigest } from '../ui/text';
import { Facts, Fetched, Page, Panel, styles, Table, To } from '../ui/ui';
import { compareMetrics } from './compareMetrics';

/** A registered version: how good it is, where it comes from, what is in it. */
export function VersionPage({
  project,
  model,
  version,
}: {
  project: string;
  model: string;
  version: string;
}) {
  const api = useApi(mlopsApiRef);
  const detail = useResource(`version ${project} ${model} ${version}`, () =>
    api.getVersion(project, model, version),
  );
  return (
    <Fetched of={detail} what="model version">
      {value => (
        <Page
          title={`${model}, version ${version}`}
          crumbs={[
            { label: 'Machine learning', href: links.home() },
            { label: project, href: links.project(project) },
            { label: model, href: links.model(project, model) },
          ]}
        >
          <div className={styles.wide}>
            <div className={styles.stack}>
              {value.evaluation && (
                <Evaluation version={value} report={value.evaluation} />
              )}
              {value.runId && (
                <RunCurves
                  id={value.runId}
                  trackingRunId={value.trackingRunId}
                />
              )}
            </div>
            <div className={styles.stack}>
              <Lineage version={value} />
              <Comparison version={value} />
              {value.evaluation?.features && (
                <Panel title="Features by importance">
                  <Bars
                    title="Share of importance"
                    items={value.evaluation.features.map(item => ({
                      label: item.name,
                      count: Number(item.importance.toFixed(3)),
                    }))}
                  />
                </Panel>
              )}
              <Panel title="Parameters">
                <Facts
                  items={Object.entries(value.parameters).map(
                    ([name, text]) => [
                      name,
                      <span className={styles.mono}>{text}</span>,
                    ],
                  )}
                />
              </Panel>
              <Panel title="Files">
                <Table
                  label="Files"
                  head={['File', 'Size', 'Digest']}
                  numbers={[1]}
                  rows={value.files.map(file => ({
                    key: file.path,
                    cells: [
                      file.path,
                      bytes(file.sizeBytes),
                      <span className={styles.mono}>
                        {shortDigest(file.digest)}
                      </span>,
                    ],
                  }))}
                />
              </Panel>
            </div>
          </div>
        </Page>
      )}
    </Fetched>
  );
}

const interval = (of?: { lower: number; upper: number }) =>
  of ? `${figure(of.lower)} to ${figure(of.upper)}` : '';

function Evaluation({
  version,
  report,
}: {
  version: ModelVersionDetail;
  report: EvaluationReport;
}) {
  return (
    <>
      <Panel title={`On ${report.examples} held-out examples`}>
        {report.verdict && (
          <p>
            <strong
              className={
                report.verdict.name === 'good-fit' ? styles.good : styles.warn
              }
            >
              {
                {
                  'good-fit': 'Fits well',
                  overfit: 'Overfits',
                  underfit: 'Underfits',
                }[report.verdict.name]
              }
            </strong>
            {`. ${report.verdict.message} `}
            <span
              className={styles.muted}
            >{`Rule: ${report.verdict.rule}.`}</span>
          </p>
        )}
        <Table
          label="Metrics"
          head={['Metric', 'Value', '95 % interval']}
          numbers={[1]}
          rows={report.metrics.map(metric => ({
            key: metric.name,
            cells: [
              metric.name,
              figure(metric.value),
              interval(metric.interval),
            ],
          }))}
        />
        {report.baseline && (
          <p className={styles.muted}>{`Baseline (${report.baseline.rule}): ${
            report.baseline.metric
          } ${figure(report.baseline.value)}.`}</p>
        )}
      </Panel>
      {report.confusionMatrix && <Matrix {...report.confusionMatrix} />}
      {report.slices && report.slices.length > 0 && (
        <Panel title="By slice">
          <Table
            label="Slices"
            head={[
              'Slice',
              'Examples',
              report.slices[0].metric,
              '95 % interval',
            ]}
            numbers={[1, 2]}
            rows={report.slices.map(slice => ({
              key: `${slice.feature} ${slice.value}`,
              cells: [
                `${slice.feature}: ${slice.value}`,
                slice.examples,
                figure(slice.metricValue),
                interval(slice.interval),
              ],
            }))}
          />
        </Panel>
      )}
      {report.mistakes && report.mistakes.length > 0 && (
        <Mistakes version={version} mistakes={report.mistakes} />
      )}
    </>
  );
}

function Matrix({ labels, counts }: { labels: string[]; counts: number[][] }) {
  return (
    <Panel title="Confusion matrix">
      <div className={styles.scroll}>
        <table className={`${styles.table} ${styles.matrix}`}>
          <caption className={styles.muted} style={{ textAlign: 'left' }}>
            Rows are the truth, columns the answer; shares are of the row.
          </caption>
          <thead>
            <tr>
              <th scope="col">Truth</th>
              {labels.map(label => (
                <th
                  key={label}
                  scope="col"
                  style={{ textAlign: 'center' }}
                >{`answered ${label}`}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {labels.map((label, row) => {
              const sum = counts[row].reduce((a, b) => a + b, 0) || 1;
              return (
                <tr key={label}>
                  <th scope="row">{label}</th>
                  {counts[row].map((count, column) => (
                    <td
                      key={labels[column]}
                      style={{
                        background: `color-mix(in srgb, ${
                          row === column ? '#2f8f5b' : '#c0561d'
                        } ${Math.round((count / sum) * 45)}%, transparent)`,
                      }}
                    >
                      <strong>{count}</strong>
                      <div className={styles.muted}>{`${Math.round(
                        (count / sum) * 100,
                      )} %`}</div>
                    </td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

function Mistakes({
  version,
  mistakes,
}: {
  version: ModelVersionDetail;
  mistakes: NonNullable<EvaluationReport['mistakes']>;
}) {
  const api = useApi(mlopsApiRef);
  const pictures = mistakes.filter(item => item.path);
  return (
    <Panel title="Answered wrongly">
      {pictures.length > 0 ? (
        <div className={styles.gallery}>
          {pictures.map(item => (
            <figure key={item.path}>
              <AuthenticatedImage
                route={api.versionFileRoute(
                  version.project,
                  version.model,
                  version.version,
                  item.path!,
                )}
                alt={`${item.truth}, answered ${item.prediction}`}
              />
              {`${item.truth}, answered ${item.prediction}`}
            </figure>
          ))}
        </div>
      ) : (
        <Table
          label="Mistakes"
          head={['Truth', 'Answer', 'Confidence', '']}
          numbers={[2]}
          rows={mistakes.map((item, i) => ({
            key: String(i),
            cells: [
              item.truth,
              item.prediction,
              item.confidence === undefined ? '' : figure(item.confidence),
              item.note ?? '',
            ],
          }))}
        />
      )}
    </Panel>
  );
}

function RunCurves({
  id,
  trackingRunId,
}: {
  id: string;
  trackingRunId?: string;
}) {
  const api = useApi(mlopsApiRef);
  const metrics = useResource(`metrics ${id}`, () => api.listMetrics(id));
  const curves =
    metrics.value?.items.filter(
      item =>
        item.points.length > 1 &&
        (!trackingRunId || item.trackingRunId === trackingRunId),
    ) ?? [];
  return curves.length > 0 ? (
    <Panel title="While it was trained">
      <Curves series={curves} />
    </Panel>
  ) : null;
}

function Lineage({ version }: { version: ModelVersionDetail }) {
  const { project, dataset } = version;
  return (
    <Panel title="Where it comes from">
      <Facts
        items={[
          [
            'Data',
            dataset && (
              <To href={links.dataset(project, dataset.name)}>{`${
                dataset.name
              } ${shortDigest(dataset.digest)}`}</To>
            ),
          ],
          [
            'Run',
            version.runId && (
              <To href={links.run(version.runId)}>{version.runId}</To>
            ),
          ],
          [
            'Pipeline',
            version.pipeline && version.commit && (
              <To
                href={links.pipeline(project, version.pipeline, {
                  ref: version.commit,
                })}
              >{`${version.pipeline} at ${shortCommit(version.commit)}`}</To>
            ),
          ],
          ['Trained with', version.backend],
          ['Digest', <span className={styles.mono}>{version.digest}</span>],
          ['Size', bytes(version.sizeBytes)],
          ['Registered', version.createdAt],
        ]}
      />
    </Panel>
  );
}

function Comparison({ version }: { version: ModelVersionDetail }) {
  const { previous } = version;
  if (!previous) return null;
  const rows = compareMetrics(version.metrics, previous.metrics);
  return (
    <Panel title={`Compared with version ${previous.version}`}>
      <Table
        label="Comparison"
        head={['Metric', 'Before', 'Now', 'Difference']}
        numbers={[1, 2, 3]}
        rows={rows.map(row => ({
          key: row.name,
          cells: [
            row.name,
            figure(row.before),
            figure(row.now),
            <span
              className={
                row.better === undefined
                  ? styles.muted
                  : row.better
                  ? styles.good
                  : styles.bad
              }
            >{`${row.difference > 0 ? '+' : ''}${figure(row.difference)}${
              row.better === undefined ? '' : row.better ? ' better' : ' worse'
            }`}</span>,
          ],
        }))}
      />
      {previous.dataset?.digest !== version.dataset?.digest && (
        <p className={styles.muted}>The data are others.</p>
      )}
    </Panel>
  );
}
