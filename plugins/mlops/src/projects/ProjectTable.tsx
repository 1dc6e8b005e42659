import type { ProjectSummary } from '@backstage-mlops/mlops-core';
import type { ReactNode } from 'react';
import { Sparkline } from '../charts/Sparkline';
import { useLinks } from '../routing';
import { RunState, starterOf } from '../runs/RunState';
import { useText } from '../translation';
import { SyncState } from '../sync/SyncState';
import { figure } from '../ui/figures';
import { Inline } from '../ui/Page';
import { Table } from '../ui/Table';
import { agoText } from '../ui/time';
import { Owner, To } from '../ui/To';
import styles from './HomePage.module.css';

/** Projects with their models; cards where there is no room for a table. */
export function ProjectTable({ items }: { items: ProjectSummary[] }) {
  const t = useText();
  return (
    <Table
      cards
      label={t('home.projects')}
      columns={[
        t('home.columns.project'),
        t('home.columns.lastRun'),
        t('home.columns.model'),
        t('home.columns.version'),
        t('home.columns.metric'),
        t('sync.column'),
        t('home.columns.owner'),
        t('home.columns.lifecycle'),
      ]}
      rows={items.map(item => ({
        key: item.name,
        cells: [
          <Name item={item} />,
          <LastRun item={item} />,
          <ModelNames item={item} />,
          <ModelVersions item={item} />,
          <ModelMetrics item={item} />,
          item.sync && <SyncState {...item.sync} />,
          <Owner of={item.owner} />,
          item.lifecycle,
        ],
      }))}
    />
  );
}

function Name({ item }: { item: ProjectSummary }) {
  const t = useText();
  const links = useLinks();
  return (
    <div>
      <strong>
        <To href={links.project(item.name)}>{item.title}</To>
      </strong>
      {item.state === 'faulty' && (
        <div className={styles.fault}>{t('home.faulty')}</div>
      )}
      <div className={styles.quiet}>{item.description}</div>
    </div>
  );
}

/** The last run of a project: state, age, who. */
export function LastRun({ item }: { item: ProjectSummary }) {
  const t = useText();
  const links = useLinks();
  const run = item.lastRun;
  if (!run) return <span className={styles.quiet}>{t('home.neverRan')}</span>;
  return (
    <div>
      <To href={links.run(run.id)}>
        <RunState run={run} />
      </To>
      <div className={styles.quiet}>
        {t('home.lastRun', {
          pipeline: run.pipeline,
          when: agoText(t, run.createdAt),
          who: starterOf(t, run),
        })}
      </div>
    </div>
  );
}

type Model = ProjectSummary['models'][number];

function Each(props: { item: ProjectSummary; show(model: Model): ReactNode }) {
  return (
    <>
      {props.item.models.map(model => (
        <div key={model.name} className={styles.model}>
          {props.show(model)}
        </div>
      ))}
    </>
  );
}

function ModelNames({ item }: { item: ProjectSummary }) {
  const links = useLinks();
  return (
    <Each
      item={item}
      show={({ name, title }) => (
        <To href={links.model(item.name, name)}>{title ?? name}</To>
      )}
    />
  );
}

function ModelVersions({ item }: { item: ProjectSummary }) {
  const t = useText();
  const links = useLinks();
  return (
    <Each
      item={item}
      show={({ name, version }) =>
        version ? (
          <To href={links.version(item.name, name, version)}>
            {t('home.versionName', { version })}
          </To>
        ) : (
          <span className={styles.quiet}>{t('home.noVersion')}</span>
        )
      }
    />
  );
}

function ModelMetrics({ item }: { item: ProjectSummary }) {
  const t = useText();
  return (
    <Each
      item={item}
      show={({ metric, history }) =>
        metric ? (
          <Inline>
            {`${metric.name} ${figure(metric.value)}`}
            <Sparkline
              metric={metric.name}
              values={history.map(({ value }) => value)}
            />
          </Inline>
        ) : (
          <span className={styles.quiet}>{t('time.none')}</span>
        )
      }
    />
  );
}
