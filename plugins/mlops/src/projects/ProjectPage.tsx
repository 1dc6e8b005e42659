import { useApi } from '@backstage/core-plugin-api';
import { ButtonLink } from '@backstage/ui';
import type { ProjectDetail } from '@backstage-mlops/mlops-core';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { listAgainMs, useLiveRuns } from '../api/useLiveRuns';
import { useResource } from '../api/useResource';
import { useLinks } from '../routing';
import { RunList } from '../runs/RunList';
import { useText } from '../translation';
import { Fetched } from '../ui/Fetched';
import { Page } from '../ui/Page';
import { DatasetList } from './DatasetList';
import { Faults } from './Faults';
import { ModelList } from './ModelList';
import { Overview } from './Overview';
import { PipelineList } from './PipelineList';
import { ScheduleList } from './ScheduleList';
import { Storage } from './Storage';

/** Tabs of a project, in order. */
const tabIds = [
  'overview',
  'pipelines',
  'runs',
  'models',
  'data',
  'storage',
] as const;
type TabId = (typeof tabIds)[number];

/** One project; the tab is part of the address. */
export function ProjectPage(props: { name: string; tab?: string }) {
  const api = useApi(mlopsApiRef);
  const t = useText();
  const project = useLiveRuns(
    useResource({
      key: `project ${props.name}`,
      load: () => api.getProject(props.name),
      againMs: () => listAgainMs,
    }),
  );
  return (
    <Fetched of={project} what={t('what.project')}>
      {value => <Shown project={value} tab={props.tab} />}
    </Fetched>
  );
}

/** A tab is there when it has something to show or can say what comes next. */
function tabsOf(project: ProjectDetail): TabId[] {
  const shown: Record<TabId, boolean> = {
    overview: true,
    pipelines: true,
    runs: project.pipelines.length > 0,
    models: project.models.length > 0,
    data: project.datasets.length > 0,
    storage: project.lastRun !== undefined,
  };
  return tabIds.filter(id => shown[id]);
}

function Shown({ project, tab }: { project: ProjectDetail; tab?: string }) {
  const t = useText();
  const links = useLinks();
  const ids = tabsOf(project);
  const active = ids.find(id => id === tab) ?? 'overview';
  return (
    <Page
      title={project.title}
      description={project.description}
      crumbs={[{ label: t('title'), href: links.home() }]}
      tabs={ids.map(id => ({
        id,
        label: t(`project.tabs.${id}`),
        href: links.project(project.name, id === 'overview' ? undefined : id),
      }))}
      activeTab={active}
      actions={<RunButton project={project} />}
    >
      <Faults project={project} />
      <TabContent project={project} tab={active} />
    </Page>
  );
}

function TabContent(props: { project: ProjectDetail; tab: TabId }) {
  const { project, tab } = props;
  switch (tab) {
    case 'overview':
      return <Overview project={project} />;
    case 'pipelines':
      return (
        <>
          <PipelineList project={project} />
          <ScheduleList project={project} />
        </>
      );
    case 'runs':
      return <RunList project={project.name} pipelines={project.pipelines} />;
    case 'models':
      return <ModelList project={project} />;
    case 'data':
      return <DatasetList project={project} />;
    case 'storage':
      return <Storage project={project} />;
    default:
      return tab satisfies never;
  }
}

/** Runs the pipeline that trains; where none is called so, the one that was run last, else the first. */
function RunButton({ project }: { project: ProjectDetail }) {
  const t = useText();
  const links = useLinks();
  const { pipelines, lastRun, allowed } = project;
  const pipeline =
    pipelines.find(name => name === 'train') ??
    pipelines.find(name => name === lastRun?.pipeline) ??
    pipelines[0];
  if (!allowed.run || !pipeline) return null;
  return (
    <ButtonLink href={links.startRun(project.name, pipeline)} variant="primary">
      {t('project.run', { pipeline })}
    </ButtonLink>
  );
}
