import { useApi } from '@backstage/core-plugin-api';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { useResource } from '../api/useResource';
import { links } from '../routing';
import { LineChart } from '../ui/charts';
import { ago, figure, shortCommit, shortDigest } from '../ui/text';
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

/** A model and its versions. */
export function ModelPage({
  project,
  name,
}: {
  project: string;
  name: string;
}) {
  const api = useApi(mlopsApiRef);
  const model = useResource(
    `model ${project} ${name}`,
    () => api.getModel(project, name),
    () => 10_000,
  );
  return (
    <Fetched of={model} what="model">
      {value => {
        const metric = value.primaryMetric?.name;
        const points = [...value.versions]
          .reverse()
          .flatMap(version =>
            metric && version.metrics[metric] !== undefined
              ? [{ x: Number(version.version), y: version.metrics[metric] }]
              : [],
          );
        return (
          <Page
            title={value.title ?? name}
            crumbs={[
              { label: 'Machine learning', href: links.home() },
              { label: project, href: links.project(project) },
            ]}
            description={value.intendedUse}
          >
            <div className={styles.wide}>
              <Panel title="Versions">
                {value.versions.length === 0 ? (
                  <Empty>
                    No version yet. Run the training pipeline; its last step
                    registers one.
                  </Empty>
                ) : (
                  <Table
                    label="Versions"
                    head={[
                      'Version',
                      metric ?? 'Metric',
                      'Data',
                      'Commit',
                      'Trained with',
                      'Run',
                      'When',
                    ]}
                    numbers={[1]}
                    rows={value.versions.map(version => ({
                      key: version.version,
                      cells: [
                        <To
                          href={links.version(project, name, version.version)}
                        >{`version ${version.version}`}</To>,
                        metric && version.metrics[metric] !== undefined
                          ? figure(version.metrics[metric])
                          : '–',
                        version.dataset ? (
                          <span className={styles.mono}>
                            {shortDigest(version.dataset.digest)}
                          </span>
                        ) : (
                          '–'
                        ),
                        version.commit ? (
                          <span className={styles.mono}>
                            {shortCommit(version.commit)}
                          </span>
                        ) : (
                          '–'
                        ),
                        version.backend ?? '–',
                        version.runId ? (
                          <To href={links.run(version.runId)}>
                            {version.runId}
                          </To>
                        ) : (
                          '–'
                        ),
                        ago(version.createdAt),
                      ],
                    }))}
                  />
                )}
              </Panel>
              <div className={styles.stack}>
                {points.length > 1 && (
                  <Panel title="Over versions">
                    <LineChart
                      title={metric!}
                      xLabel="version"
                      series={[{ name: name, points }]}
                    />
                  </Panel>
                )}
                <Panel title="About">
                  <Facts
                    items={[
                      ['Task', value.task],
                      ['Classes', value.classes?.join(', ')],
                      [
                        'Primary metric',
                        value.primaryMetric &&
                          `${value.primaryMetric.name}, ${value.primaryMetric.direction} is better`,
                      ],
                      ['Limits', value.limits?.join(' ')],
                      ['Licence', value.licence],
                    ]}
                  />
                </Panel>
              </div>
            </div>
          </Page>
        );
      }}
    </Fetched>
  );
}
