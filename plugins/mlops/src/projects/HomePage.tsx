import { useApi } from '@backstage/core-plugin-api';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { SearchField, Select } from '@backstage/ui';
import type { ProjectSummary } from '@backstage-mlops/mlops-core';
import { useSearchParams } from 'react-router-dom';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { useResource } from '../api/useResource';
import { links } from '../routing';
import { mlopsTranslationRef } from '../translation';
import { Sparkline } from '../ui/charts';
import { ago, figure, nameOf } from '../ui/text';
import { Empty, Fetched, Page, State, styles, Table, To } from '../ui/ui';
import { byAttention, filterProjects } from './attention';

/** Projects and models; what needs a person comes first. */
export function HomePage() {
  const api = useApi(mlopsApiRef);
  const { t } = useTranslationRef(mlopsTranslationRef);
  const projects = useResource(
    'projects',
    () => api.listProjects(),
    () => 5_000,
  );
  return (
    <Page
      title={t('title')}
      description="Projects, their pipelines, runs and models."
    >
      <Fetched of={projects} what="list of projects">
        {({ items }) => <Projects items={items} />}
      </Fetched>
    </Page>
  );
}

function Projects({ items }: { items: ProjectSummary[] }) {
  const { t } = useTranslationRef(mlopsTranslationRef);
  const [query, setQuery] = useSearchParams();
  const set = (name: string, value: string) =>
    setQuery(
      before => {
        const next = new URLSearchParams(before);
        if (value && value !== 'all') next.set(name, value);
        else next.delete(name);
        return next;
      },
      { replace: true },
    );
  const filter = {
    text: query.get('text') ?? '',
    owner: query.get('owner') ?? 'all',
    state: query.get('state') ?? 'all',
  };
  const shown = byAttention(filterProjects(items, filter));
  const owners = [...new Set(items.map(item => item.owner))].sort();
  if (items.length === 0) return <Empty>{t('home.empty')}</Empty>;
  return (
    <>
      <div className={styles.row} role="search">
        <SearchField
          aria-label={t('home.search')}
          placeholder={t('home.search')}
          value={filter.text}
          onChange={value => set('text', value)}
        />
        <Select
          aria-label={t('home.owner')}
          selectedKey={filter.owner}
          onSelectionChange={key => set('owner', String(key))}
          options={[
            { value: 'all', label: `${t('home.owner')}: ${t('home.all')}` },
            ...owners.map(owner => ({ value: owner, label: nameOf(owner) })),
          ]}
        />
        <Select
          aria-label={t('home.state')}
          selectedKey={filter.state}
          onSelectionChange={key => set('state', String(key))}
          options={[
            'all',
            'Failed',
            'Running',
            'Succeeded',
            'none',
            'faulty',
          ].map(value => ({
            value,
            label:
              {
                all: `${t('home.state')}: ${t('home.all')}`,
                none: 'Never ran',
                faulty: 'Files are faulty',
              }[value] ?? value,
          }))}
        />
      </div>
      {shown.length === 0 ? (
        <Empty>{t('home.none')}</Empty>
      ) : (
        <ProjectTable items={shown} />
      )}
    </>
  );
}

function ProjectTable({ items }: { items: ProjectSummary[] }) {
  return (
    <Table
      label="Projects"
      head={[
        'Project',
        'Last run',
        'Model',
        'Newest version',
        'Metric',
        'Owner',
        'Lifecycle',
      ]}
      rows={items.map(item => ({
        key: item.name,
        cells: [
          <div>
            <strong>
              <To href={links.project(item.name)}>{item.title}</To>
            </strong>
            {item.state === 'faulty' && (
              <div className={styles.bad}>
                {
                  item.problems.filter(problem => problem.severity === 'error')
                    .length
                }{' '}
                faults in its files
              </div>
            )}
            <div className={styles.muted}>{item.description}</div>
          </div>,
          item.lastRun ? (
            <div>
              <To href={links.run(item.lastRun.id)}>
                <State phase={item.lastRun.phase} />
              </To>
              <div className={styles.muted}>
                {item.lastRun.pipeline}, {ago(item.lastRun.createdAt)} by{' '}
                {nameOf(item.lastRun.trigger.by)}
              </div>
            </div>
          ) : (
            <span className={styles.muted}>never ran</span>
          ),
          <Each
            items={item.models}
            show={model => (
              <To href={links.model(item.name, model.name)}>
                {model.title ?? model.name}
              </To>
            )}
          />,
          <Each
            items={item.models}
            show={model =>
              model.version ? (
                <To
                  href={links.version(item.name, model.name, model.version)}
                >{`version ${model.version}`}</To>
              ) : (
                <span className={styles.muted}>none yet</span>
              )
            }
          />,
          <Each
            items={item.models}
            show={model =>
              model.metric ? (
                <span className={styles.row}>
                  {`${model.metric.name} ${figure(model.metric.value)}`}
                  <Sparkline
                    values={model.history.map(point => point.value)}
                    label={`${model.metric.name} over versions`}
                  />
                </span>
              ) : (
                <span className={styles.muted}>–</span>
              )
            }
          />,
          <To href={links.entity(item.owner)}>{nameOf(item.owner)}</To>,
          item.lifecycle,
        ],
      }))}
    />
  );
}

function Each<T extends { name: string }>({
  items,
  show,
}: {
  items: T[];
  show(item: T): React.ReactNode;
}) {
  return (
    <>
      {items.map(item => (
        <div key={item.name}>{show(item)}</div>
      ))}
    </>
  );
}
