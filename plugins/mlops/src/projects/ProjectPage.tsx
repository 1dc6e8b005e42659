import { useApi } from '@backstage/core-plugin-api';
import { ButtonLink } from '@backstage/ui';
import type { ProjectDetail } from '@backstage-mlops/mlops-core';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { listAgainMs, useLiveRuns } from '../api/useLiveRuns';
import { useResource } from '../api/useResource';
import { ChangeList } from '../changes/ChangeList';
import { useOpenChanges } from '../changes/useOpenChanges';
import { useLinks } from '../routing';
import { RunList } from '../runs/RunList';
import { useText } from '../translation';
import { ActivityList } from '../activity/ActivityList';
import { Fetched } from '../ui/Fetched';
import { Inline, Page, Stack } from '../ui/Page';
import { Caches } from './Caches';
import { DatasetList } from './DatasetList';
import { Faults } from './Faults';
import { OutdatedNote } from './OutdatedNote';
import { Rewritten } from './Rewritten';
import { mainPipeline } from './mainPipeline';
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
  'changes',
  'models',
  'data',
  'activity',
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
    <Fetched isPage of={project} what={t('what.project')}>
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
    changes: project.pipelines.length > 0,
    models: project.models.length > 0,
    data: project.datasets.length > 0,
    activity: true,
    storage: project.lastRun !== undefined,
  };
  return tabIds.filter(id => shown[id]);
}

function Shown({ project, tab }: { project: ProjectDetail; tab?: string }) {
  const t = useText();
  const links = useLinks();
  const ids = tabsOf(project);
  const open = useOpenChanges(project.name);
  const label = (id: TabId) =>
    id === 'changes' && open > 0
      ? t('project.tabs.openChanges', { amount: String(open) })
      : t(`project.tabs.${id}`);
  const active = ids.find(id => id === tab) ?? 'overview';
  return (
    <Page
      title={project.title}
      description={project.description}
      crumbs={[{ label: t('title'), href: links.home() }]}
      tabs={ids.map(id => ({
        id,
        label: label(id),
        href: links.project(project.name, id === 'overview' ? undefined : id),
      }))}
      activeTab={active}
      actions={
        <Inline>
          <FilesButton project={project} />
          <ChangeButton project={project} />
          <RunButton project={project} />
        </Inline>
      }
    >
      <OutdatedNote project={project} />
      <Faults project={project} />
      <Rewritten project={project} />
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
    case 'changes':
      return <ChangeList project={project.name} />;
    case 'models':
      return <ModelList project={project} />;
    case 'data':
      return <DatasetList project={project} />;
    case 'activity':
      return <ActivityList project={project.name} />;
    case 'storage':
      return (
        <Stack>
          <Storage project={project} />
          <Caches project={project} />
        </Stack>
      );
    default:
      return tab satisfies never;
  }
}

function RunButton({ project }: { project: ProjectDetail }) {
  const t = useText();
  const links = useLinks();
  const pipeline = mainPipeline(project);
  if (!project.allowed.run || !pipeline) return null;
  return (
    <ButtonLink href={links.startRun(project.name, pipeline)} variant="primary">
      {t('project.run', { pipeline })}
    </ButtonLink>
  );
}

function ChangeButton({ project }: { project: ProjectDetail }) {
  const t = useText();
  const links = useLinks();
  const pipeline = mainPipeline(project);
  if (project.allowed.propose === false || !pipeline) return null;
  return (
    <ButtonLink
      href={links.newChange(project.name, pipeline)}
      variant="secondary"
    >
      {t('pipeline.change')}
    </ButtonLink>
  );
}

function FilesButton({ project }: { project: ProjectDetail }) {
  const t = useText();
  const links = useLinks();
  if (project.allowed.propose === false) return null;
  return (
    <ButtonLink href={links.editFiles(project.name)} variant="secondary">
      {t('files.edit')}
    </ButtonLink>
  );
}
