import { MarkdownContent } from '@backstage/core-components';
import { useApi } from '@backstage/core-plugin-api';
import { Alert, ButtonLink } from '@backstage/ui';
import type { ProjectDetail } from '@backstage-mlops/mlops-core';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { useResource } from '../api/useResource';
import { links } from '../routing';
import { RunTable } from '../runs/RunTable';
import { Sparkline } from '../ui/charts';
import { figure, nameOf, shortCommit } from '../ui/text';
import {
  Empty,
  Facts,
  Fetched,
  Page,
  Panel,
  State,
  styles,
  Table,
  To,
} from '../ui/ui';

/** One project; the tab is part of the address. */
export function ProjectPage({
  name,
  tab = 'overview',
}: {
  name: string;
  tab?: string;
}) {
  const api = useApi(mlopsApiRef);
  const project = useResource(
    `project ${name}`,
    () => api.getProject(name),
    () => 5_000,
  );
  return (
    <Fetched of={project} what="project">
      {value => <Project project={value} tab={tab} />}
    </Fetched>
  );
}

function Project({ project, tab }: { project: ProjectDetail; tab: string }) {
  const { name } = project;
  const tabs = [
    { id: 'overview', label: 'Overview', shown: true },
    {
      id: 'pipelines',
      label: 'Pipelines',
      shown: project.pipelines.length > 0,
    },
    { id: 'runs', label: 'Runs', shown: true },
    { id: 'models', label: 'Models', shown: project.models.length > 0 },
    { id: 'data', label: 'Data', shown: project.datasets.length > 0 },
  ].filter(item => item.shown);
  return (
    <Page
      title={project.title}
      description={project.description}
      crumbs={[{ label: 'Machine learning', href: links.home() }]}
      tabs={tabs.map(({ id, label }) => ({
        id,
        label,
        href: links.project(name, id === 'overview' ? undefined : id),
      }))}
      activeTab={tab}
      actions={
        project.allowed.run && project.pipelines[0] ? (
          <RunButton project={project} />
        ) : undefined
      }
    >
      <Faults project={project} />
      {tab === 'overview' && <Overview project={project} />}
      {tab === 'pipelines' && <Pipelines project={project} />}
      {tab === 'runs' && <Runs project={name} />}
      {tab === 'models' && <Models project={project} />}
      {tab === 'data' && <Data project={project} />}
    </Page>
  );
}

function RunButton({ project }: { project: ProjectDetail }) {
  const pipeline = project.pipelines.includes('train')
    ? 'train'
    : project.pipelines[0];
  return (
    <ButtonLink href={links.startRun(project.name, pipeline)} variant="primary">
      {`Run ${pipeline}`}
    </ButtonLink>
  );
}

function Faults({ project }: { project: ProjectDetail }) {
  const faults = project.problems.filter(
    problem => problem.severity === 'error',
  );
  if (faults.length === 0) return null;
  const note = project.lastGoodCommit
    ? `What is shown below comes from commit ${shortCommit(
        project.lastGoodCommit,
      )}, the last one without faults.`
    : 'There is no earlier commit without faults.';
  return (
    <Alert
      status="danger"
      icon
      title={`${faults.length} ${
        faults.length === 1 ? 'fault' : 'faults'
      } in the files of this project at commit ${shortCommit(project.commit)}`}
      description={
        <>
          <p>{note}</p>
          <ul>
            {faults.map(fault => (
              <li
                key={`${fault.file}:${fault.line}:${fault.column}:${fault.message}`}
              >
                <span
                  className={styles.mono}
                >{`${fault.file}:${fault.line}:${fault.column}`}</span>{' '}
                {fault.message}
              </li>
            ))}
          </ul>
        </>
      }
    />
  );
}

function Overview({ project }: { project: ProjectDetail }) {
  const spec = project.file?.spec;
  return (
    <div className={styles.wide}>
      <div className={styles.stack}>
        {spec && (
          <Panel title="What it is for">
            <Facts
              items={[
                ['Decides', spec.problem.decides],
                ['For whom', spec.problem.forWhom],
                ['Why not a rule', spec.problem.whyMachineLearning],
                ['A wrong answer costs', spec.problem.costOfWrongAnswer],
                [
                  'Baseline',
                  `${spec.baseline.rule} (${spec.baseline.metric}${
                    spec.baseline.value === undefined
                      ? ''
                      : ` ${figure(spec.baseline.value)}`
                  })`,
                ],
              ]}
            />
          </Panel>
        )}
        {project.readme && (
          <Panel title="README">
            <div className={styles.markdown}>
              <MarkdownContent content={project.readme} />
            </div>
          </Panel>
        )}
      </div>
      <div className={styles.stack}>
        <Panel title="State">
          <Facts
            items={[
              [
                'Owner',
                <To href={links.entity(project.owner)}>
                  {nameOf(project.owner)}
                </To>,
              ],
              ['Lifecycle', project.lifecycle],
              [
                'Commit',
                <span className={styles.mono}>
                  {shortCommit(project.commit)}
                </span>,
              ],
              [
                'Last run',
                project.lastRun ? (
                  <To href={links.run(project.lastRun.id)}>
                    <State phase={project.lastRun.phase} />
                  </To>
                ) : (
                  'never ran'
                ),
              ],
              ['Folder', <span className={styles.mono}>{project.path}</span>],
            ]}
          />
        </Panel>
        {spec && spec.risks.length > 0 && (
          <ListPanel title="Risks" items={spec.risks} />
        )}
        {spec && spec.nextSteps.length > 0 && (
          <ListPanel title="Next steps" items={spec.nextSteps} />
        )}
      </div>
    </div>
  );
}

function ListPanel({ title, items }: { title: string; items: string[] }) {
  return (
    <Panel title={title}>
      <ul style={{ margin: 0, paddingLeft: 20 }}>
        {items.map(item => (
          <li key={item}>{item}</li>
        ))}
      </ul>
    </Panel>
  );
}

function Pipelines({ project }: { project: ProjectDetail }) {
  return (
    <Table
      label="Pipelines"
      head={['Pipeline', '']}
      rows={project.pipelines.map(pipeline => ({
        key: pipeline,
        cells: [
          <To href={links.pipeline(project.name, pipeline)}>{pipeline}</To>,
          project.allowed.run ? (
            <ButtonLink
              size="small"
              variant="secondary"
              href={links.startRun(project.name, pipeline)}
            >
              Run
            </ButtonLink>
          ) : (
            ''
          ),
        ],
      }))}
    />
  );
}

function Runs({ project }: { project: string }) {
  const api = useApi(mlopsApiRef);
  const runs = useResource(
    `runs ${project}`,
    () => api.listRuns({ project, limit: '50' }),
    () => 3_000,
  );
  return (
    <Fetched of={runs} what="list of runs">
      {({ items }) => <RunTable runs={items} />}
    </Fetched>
  );
}

function Models({ project }: { project: ProjectDetail }) {
  return (
    <Table
      label="Models"
      head={['Model', 'Newest version', 'Metric', 'Over versions']}
      rows={project.models.map(model => ({
        key: model.name,
        cells: [
          <To href={links.model(project.name, model.name)}>
            {model.title ?? model.name}
          </To>,
          model.version ? (
            <To
              href={links.version(project.name, model.name, model.version)}
            >{`version ${model.version}`}</To>
          ) : (
            'none yet: run the training pipeline'
          ),
          model.metric
            ? `${model.metric.name} ${figure(model.metric.value)}`
            : '–',
          <Sparkline
            values={model.history.map(point => point.value)}
            label="Metric over versions"
          />,
        ],
      }))}
    />
  );
}

function Data({ project }: { project: ProjectDetail }) {
  if (project.datasets.length === 0)
    return <Empty>No dataset is declared.</Empty>;
  return (
    <Table
      label="Datasets"
      head={['Dataset']}
      rows={project.datasets.map(dataset => ({
        key: dataset,
        cells: [<To href={links.dataset(project.name, dataset)}>{dataset}</To>],
      }))}
    />
  );
}
