import { useApi } from '@backstage/core-plugin-api';
import type { DatasetDetail, DatasetReport } from '@backstage-mlops/mlops-core';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { useResource } from '../api/useResource';
import { links } from '../routing';
import { AuthenticatedImage } from '../ui/AuthenticatedImage';
import { Bars } from '../ui/charts';
import { ago, figure, shortDigest } from '../ui/text';
import {
  Empty,
  Facts,
  Fetched,
  Page,
  Panel,
  styles,
  Table,
  To,
} from '../ui/ui';

/** What the newest verification saw of a dataset. */
export function DatasetPage({
  project,
  name,
}: {
  project: string;
  name: string;
}) {
  const api = useApi(mlopsApiRef);
  const dataset = useResource(
    `dataset ${project} ${name}`,
    () => api.getDataset(project, name),
    () => 10_000,
  );
  return (
    <Fetched of={dataset} what="dataset">
      {value => (
        <Page
          title={value.title ?? name}
          description={value.description}
          crumbs={[
            { label: 'Machine learning', href: links.home() },
            { label: project, href: links.project(project) },
          ]}
        >
          <div className={styles.wide}>
            <div className={styles.stack}>
              {value.report ? (
                <Report dataset={value} report={value.report} />
              ) : (
                <Panel title="Not seen yet">
                  <Empty>
                    No run has verified these data. Run the training pipeline;
                    its first steps do.
                  </Empty>
                </Panel>
              )}
            </div>
            <div className={styles.stack}>
              <Panel title="About">
                <Facts
                  items={[
                    [
                      'Sources',
                      value.sources.map(source => source.name).join(', '),
                    ],
                    ['Licence', value.licence],
                    [
                      'Splits',
                      value.splits &&
                        Object.entries(value.splits)
                          .map(([split, share]) => `${split} ${share}`)
                          .join(', '),
                    ],
                    [
                      'Seen by',
                      value.runId && (
                        <To href={links.run(value.runId)}>{value.runId}</To>
                      ),
                    ],
                  ]}
                />
              </Panel>
              <Panel title="Schema">
                <Table
                  label="Schema"
                  head={['Field', 'Type', '']}
                  rows={value.schema.map(field => ({
                    key: field.name,
                    cells: [
                      field.name,
                      field.type,
                      [field.unit, field.description]
                        .filter(Boolean)
                        .join(', '),
                    ],
                  }))}
                />
              </Panel>
              {value.history.length > 0 && (
                <Panel title="Digests over time">
                  <Table
                    label="Digests"
                    head={['Digest', 'Rows', 'Run', 'When']}
                    numbers={[1]}
                    rows={value.history.map(item => ({
                      key: item.digest,
                      cells: [
                        <span className={styles.mono}>
                          {shortDigest(item.digest)}
                        </span>,
                        item.rows,
                        item.runId ? (
                          <To href={links.run(item.runId)}>{item.runId}</To>
                        ) : (
                          ''
                        ),
                        ago(item.createdAt),
                      ],
                    }))}
                  />
                </Panel>
              )}
            </div>
          </div>
        </Page>
      )}
    </Fetched>
  );
}

const signs = { passed: '✓ passed', warning: '! warning', failed: '✕ failed' };

function Report({
  dataset,
  report,
}: {
  dataset: DatasetDetail;
  report: DatasetReport;
}) {
  const tones = {
    passed: styles.good,
    warning: styles.warn,
    failed: styles.bad,
  };
  return (
    <>
      <Panel
        title={`${report.rows} examples are used, ${report.setAsideRows} were set aside`}
      >
        <Table
          label="Checks"
          head={['Check', 'Result', 'Value', 'Limit', '']}
          rows={report.checks.map(check => ({
            key: check.name,
            cells: [
              check.name,
              <span className={tones[check.status]}>
                {signs[check.status]}
              </span>,
              typeof check.value === 'number'
                ? figure(check.value)
                : check.value,
              check.limit,
              check.message,
            ],
          }))}
        />
      </Panel>
      <Panel title="Counts">
        <div className={styles.columns}>
          {report.counts.map(({ by, values }) => (
            <Bars
              key={by}
              title={`By ${by}`}
              items={values.map(({ value, count }) => ({
                label: value,
                count,
              }))}
            />
          ))}
        </div>
      </Panel>
      {report.histograms.length > 0 && (
        <Panel title="Histograms">
          <div className={styles.columns}>
            {report.histograms.map(({ feature, edges, counts }) => (
              <Bars
                key={feature}
                title={feature}
                items={counts.map((count, i) => ({
                  label: figure(edges[i]),
                  count,
                }))}
              />
            ))}
          </div>
        </Panel>
      )}
      <Examples
        title="Samples"
        dataset={dataset}
        items={report.samples.map(item => ({
          ...item,
          note: [item.label, item.source].filter(Boolean).join(', '),
        }))}
      />
      <Examples
        title="Set aside"
        dataset={dataset}
        items={report.setAside.map(item => ({ ...item, note: item.reason }))}
      />
    </>
  );
}

function Examples({
  title,
  dataset,
  items,
}: {
  title: string;
  dataset: DatasetDetail;
  items: {
    path?: string;
    note: string;
    values?: Record<string, string | number>;
  }[];
}) {
  const api = useApi(mlopsApiRef);
  if (items.length === 0)
    return (
      <Panel title={title}>
        <Empty>None.</Empty>
      </Panel>
    );
  const names = Object.keys(items.find(item => item.values)?.values ?? {});
  return (
    <Panel title={title}>
      {items.some(item => item.path) ? (
        <div className={styles.gallery}>
          {items
            .filter(item => item.path)
            .map(item => (
              <figure key={item.path}>
                <AuthenticatedImage
                  route={api.datasetFileRoute(
                    dataset.project,
                    dataset.name,
                    item.path!,
                  )}
                  alt={item.note}
                />
                {item.note}
              </figure>
            ))}
        </div>
      ) : (
        <Table
          label={title}
          head={['', ...names]}
          rows={items.map((item, i) => ({
            key: String(i),
            cells: [
              item.note,
              ...names.map(name => String(item.values?.[name] ?? '')),
            ],
          }))}
        />
      )}
    </Panel>
  );
}
