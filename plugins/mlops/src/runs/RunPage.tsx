import { useApi } from '@backstage/core-plugin-api';
import { Alert } from '@backstage/ui';
import type { NodeStatus } from '@backstage-mlops/argo-engine';
import type { Run } from '@backstage-mlops/mlops-core';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { useLiveRuns } from '../api/useLiveRuns';
import { useResource } from '../api/useResource';
import { attemptsOf } from '../pipelines/nodeKinds';
import { useLinks, useQuery } from '../routing';
import { useText } from '../translation';
import { Fetched } from '../ui/Fetched';
import { Columns, Page } from '../ui/Page';
import { Note, Panel } from '../ui/Panel';
import { Costs } from './Costs';
import { NodeActions } from './NodeActions';
import { NodePanel } from './NodePanel';
import { Provenance } from './Provenance';
import { RunActions } from './RunActions';
import { RunHeadline } from './RunHeadline';
import { RunMetrics } from './RunMetrics';
import { isOver } from './runSentence';
import { RunNotes } from './RunNotes';
import { RunSteps } from './RunSteps';
import { WaitingStep, waitingSteps } from './WaitingStep';

/** Milliseconds between two looks at a run that is not over, when nothing was pushed. */
const runAgainMs = 2_000;

/** One run, live. */
export function RunPage({ id }: { id: string }) {
  const api = useApi(mlopsApiRef);
  const t = useText();
  const run = useLiveRuns(
    useResource({
      key: `run ${id}`,
      load: () => api.getRun(id),
      againMs: value => (value && isOver(value) ? undefined : runAgainMs),
    }),
    id,
  );
  return (
    <Fetched isPage of={run} what={t('what.run')}>
      {value => <Shown run={value} onChange={run.reload} />}
    </Fetched>
  );
}

/** The node at the root of a failure. */
function failedNode({ cause, nodes }: Run): NodeStatus | undefined {
  if (!cause) return undefined;
  const failed = Object.values(nodes).find(
    ({ displayName, phase }) =>
      displayName === cause.node && (phase === 'Failed' || phase === 'Error'),
  );
  return failed && lastAttempt(failed, nodes);
}

/** A node with a log: of a step that is tried again, its last attempt. */
function lastAttempt(node: NodeStatus, nodes: Run['nodes']): NodeStatus {
  return attemptsOf(node, nodes).pop() ?? node;
}

/** The step to look at: the chosen one, else what failed, else what runs, else what ran last. */
function shownNode(run: Run, asked: string | null, failed?: NodeStatus) {
  if (asked && run.nodes[asked])
    return lastAttempt(run.nodes[asked], run.nodes);
  if (failed) return failed;
  const all = Object.values(run.nodes).filter(({ type }) => type === 'Pod');
  // What a hook or an exit handler did is seldom why somebody comes.
  const steps = all.filter(
    ({ name }) => !/\.(onExit|hooks\.[^.]+)$/.test(name),
  );
  const pods = steps.length > 0 ? steps : all;
  return (
    pods.find(({ phase }) => phase === 'Running') ??
    pods.sort((a, b) => (a.finishedAt ?? '').localeCompare(b.finishedAt ?? ''))[
      pods.length - 1
    ]
  );
}

function Shown({ run, onChange }: { run: Run; onChange(): void }) {
  const { project, pipeline: name, commit } = run;
  const api = useApi(mlopsApiRef);
  const t = useText();
  const [query] = useQuery();
  const pipeline = useResource({
    key: `pipeline ${project} ${name} ${commit}`,
    // What somebody started on a cluster with a spec of their own is in no file.
    load: async () => {
      if (!run.file) throw new Error(`${name} is not in git`);
      return api.getPipeline(project, name, commit);
    },
  });
  const failed = failedNode(run);
  const node = shownNode(run, query.get('node'), failed);
  return (
    <RunFrame run={run} onChange={onChange}>
      <RunHeadline run={run} failed={failed} pipeline={pipeline.value} />
      <RunNotes notes={run.notes} />
      {run.suspended && (
        <Alert status="warning" icon title={t('run.suspended')} />
      )}
      {waitingSteps(run).map(step => (
        <WaitingStep key={step.id} run={run} node={step} onChange={onChange} />
      ))}
      <Columns
        main={
          <>
            <RunSteps run={run} pipeline={pipeline} shown={node?.id} />
            <RunMetrics run={run} />
          </>
        }
        side={
          <>
            {node ? (
              <>
                <NodePanel
                  key={node.id}
                  run={run.id}
                  node={node}
                  attempts={siblingAttempts(run, node)}
                />
                <NodeActions run={run} node={node} onChange={onChange} />
              </>
            ) : (
              <Panel>
                <Note>{t('run.choose')}</Note>
              </Panel>
            )}
            <Provenance run={run} />
            <Costs run={run} />
          </>
        }
      />
    </RunFrame>
  );
}

/** All attempts of the step that a node is one of. */
function siblingAttempts({ nodes }: Run, node: NodeStatus): NodeStatus[] {
  // The children of a Retry node are its attempts and, in some trees, what comes after it.
  for (const other of Object.values(nodes)) {
    if (!other.children.includes(node.id)) continue;
    const attempts = attemptsOf(other, nodes);
    if (attempts.includes(node)) return attempts;
  }
  return [];
}

function RunFrame(props: {
  run: Run;
  onChange(): void;
  children: React.ReactNode;
}) {
  const { run, onChange, children } = props;
  const { project, pipeline } = run;
  const t = useText();
  const links = useLinks();
  return (
    <Page
      title={run.id}
      crumbs={[
        { label: t('title'), href: links.home() },
        { label: project, href: links.project(project) },
        ...(run.file
          ? [{ label: pipeline, href: links.pipeline(project, pipeline) }]
          : []),
      ]}
      actions={<RunActions run={run} onChange={onChange} />}
    >
      {children}
    </Page>
  );
}
