import { useApi } from '@backstage/core-plugin-api';
import { Alert, ButtonLink } from '@backstage/ui';
import type { Pipeline } from '@backstage-mlops/mlops-core';
import { useNavigate, useSearchParams } from 'react-router-dom';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { useResource } from '../api/useResource';
import { links } from '../routing';
import { RunBars, RunTable } from '../runs/RunTable';
import { shortCommit } from '../ui/text';
import { Empty, Fetched, Page, Panel, styles, Table } from '../ui/ui';
import { GraphView } from './GraphView';
import { SourceView } from './SourceView';

/** A pipeline as a commit has it, and how it went lately. */
export function PipelinePage({
  project,
  name,
}: {
  project: string;
  name: string;
}) {
  const api = useApi(mlopsApiRef);
  const [query] = useSearchParams();
  const ref = query.get('ref') ?? undefined;
  const pipeline = useResource(
    `pipeline ${project} ${name} ${ref}`,
    () => api.getPipeline(project, name, ref),
    () => (ref ? undefined : 10_000),
  );
  return (
    <Fetched of={pipeline} what="pipeline">
      {value => (
        <Shown
          pipeline={value}
          line={Number(query.get('line')) || undefined}
          pinned={ref}
        />
      )}
    </Fetched>
  );
}

function Shown({
  pipeline,
  line,
  pinned,
}: {
  pipeline: Pipeline;
  line?: number;
  pinned?: string;
}) {
  const { project, name } = pipeline;
  const navigate = useNavigate();
  const at = (wanted?: number) =>
    links.pipeline(project, name, { ref: pinned, line: wanted });
  const faults = pipeline.problems.filter(
    problem => problem.severity === 'error',
  );
  return (
    <Page
      title={pipeline.title ?? name}
      description={pipeline.description}
      crumbs={[
        { label: 'Machine learning', href: links.home() },
        { label: project, href: links.project(project) },
      ]}
      actions={
        <ButtonLink href={links.startRun(project, name)} variant="primary">
          Run
        </ButtonLink>
      }
    >
      {faults.length > 0 && (
        <Alert
          status="danger"
          icon
          title="This pipeline cannot run"
          description={
            <ul>
              {faults.map(fault => (
                <li key={`${fault.line} ${fault.message}`}>
                  <a href={at(fault.line)}>{`Line ${fault.line}`}</a>:{' '}
                  {fault.message}
                </li>
              ))}
            </ul>
          }
        />
      )}
      <div className={styles.wide}>
        <div className={styles.stack}>
          <Panel title="Steps">
            {pipeline.graph.nodes.length > 0 ? (
              <GraphView
                graph={pipeline.graph}
                onSelect={node => node.line && navigate(at(node.line))}
              />
            ) : (
              <Empty>
                The steps cannot be drawn; the faults above say why.
              </Empty>
            )}
          </Panel>
          <Panel title={`${pipeline.file} at ${shortCommit(pipeline.commit)}`}>
            <SourceView text={pipeline.source} line={line} linkTo={at} />
          </Panel>
        </div>
        <div className={styles.stack}>
          <Panel title="Last runs">
            <LastRuns project={project} name={name} />
          </Panel>
          <Panel title="Parameters">
            {pipeline.parameters.length === 0 ? (
              <Empty>It takes no parameters.</Empty>
            ) : (
              <Table
                label="Parameters"
                head={['Name', 'Default', 'Meaning']}
                rows={pipeline.parameters.map(item => ({
                  key: item.name,
                  cells: [
                    item.name,
                    <span className={styles.mono}>
                      {item.value ?? item.default ?? 'required'}
                    </span>,
                    [
                      item.description,
                      item.enum && `One of ${item.enum.join(', ')}.`,
                    ]
                      .filter(Boolean)
                      .join(' '),
                  ],
                }))}
              />
            )}
          </Panel>
        </div>
      </div>
    </Page>
  );
}

function LastRuns({ project, name }: { project: string; name: string }) {
  const api = useApi(mlopsApiRef);
  const runs = useResource(
    `runs ${project} ${name}`,
    () => api.listRuns({ project, pipeline: name, limit: '20' }),
    () => 3_000,
  );
  return (
    <Fetched of={runs} what="list of runs">
      {({ items }) => (
        <div className={styles.stack}>
          {items.length > 0 && <RunBars runs={items} />}
          <RunTable runs={items.slice(0, 5)} />
        </div>
      )}
    </Fetched>
  );
}
