import { useApi } from '@backstage/core-plugin-api';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  Alert,
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
  DialogTrigger,
} from '@backstage/ui';
import { useSignal } from '@backstage/plugin-signals-react';
import type { NodeStatus } from '@backstage-mlops/argo-engine';
import type { Run } from '@backstage-mlops/mlops-core';
import { useEffect, useState } from 'react';
import { useSearchParams } from 'react-router-dom';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { useResource } from '../api/useResource';
import { GraphView } from '../pipelines/GraphView';
import { links } from '../routing';
import { mlopsTranslationRef } from '../translation';
import { duration, nameOf, shortCommit } from '../ui/text';
import {
  Empty,
  Facts,
  Fetched,
  Page,
  Panel,
  State,
  styles,
  To,
} from '../ui/ui';
import { Curves } from './Curves';
import { NodePanel } from './NodePanel';
import { sentenceOf } from './sentence';

const isOver = (run?: Run) =>
  run !== undefined && !['Pending', 'Running'].includes(run.phase);

/** One run, live. */
export function RunPage({ id }: { id: string }) {
  const api = useApi(mlopsApiRef);
  const run = useResource(
    `run ${id}`,
    () => api.getRun(id),
    value => (isOver(value) ? undefined : 1_500),
  );
  const { lastSignal } = useSignal(`mlops:run:${id}`);
  const { reload } = run;
  useEffect(() => {
    if (lastSignal) reload();
  }, [lastSignal, reload]);
  return (
    <Fetched of={run} what="run">
      {value => <Shown run={value} onChange={run.reload} />}
    </Fetched>
  );
}

function Shown({ run, onChange }: { run: Run; onChange(): void }) {
  const [query, setQuery] = useSearchParams();
  const nodes = Object.values(run.nodes);
  const failed =
    run.cause &&
    nodes.find(
      node =>
        node.displayName === run.cause!.node &&
        ['Failed', 'Error'].includes(node.phase),
    );
  const chosen =
    run.nodes[query.get('node') ?? ''] ??
    failed ??
    nodes.find(node => node.type === 'Pod' && node.phase === 'Running');
  const choose = (nodeId: string) =>
    setQuery(
      before => {
        const next = new URLSearchParams(before);
        next.set('node', nodeId);
        next.delete('line');
        return next;
      },
      { replace: true },
    );
  return (
    <Page
      title={run.id}
      crumbs={[
        { label: 'Machine learning', href: links.home() },
        { label: run.project, href: links.project(run.project) },
        {
          label: run.pipeline,
          href: links.pipeline(run.project, run.pipeline),
        },
      ]}
      actions={
        isOver(run) ? undefined : <Stop id={run.id} onChange={onChange} />
      }
    >
      <Sentence run={run} failed={failed} />
      {run.notes?.map(note => (
        <Alert key={note} status="warning" icon title={note} />
      ))}
      <div className={styles.wide}>
        <div className={styles.stack}>
          <Steps run={run} chosen={chosen} choose={choose} />
          <Metrics run={run} />
        </div>
        <div className={styles.stack}>
          {chosen ? (
            <NodePanel run={run.id} node={chosen} />
          ) : (
            <NothingChosen />
          )}
          <Provenance run={run} />
        </div>
      </div>
    </Page>
  );
}

function NothingChosen() {
  const { t } = useTranslationRef(mlopsTranslationRef);
  return (
    <Panel>
      <Empty>{t('run.choose')}</Empty>
    </Panel>
  );
}

function Sentence({ run, failed }: { run: Run; failed?: NodeStatus }) {
  const [now, setNow] = useState(Date.now());
  const over = isOver(run);
  useEffect(() => {
    if (over) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [over]);
  const { before, node, after } = sentenceOf(run, now);
  return (
    <div className={styles.panel} role="status" aria-live="polite">
      <div className={styles.row} style={{ fontSize: '1.05rem' }}>
        <State phase={run.phase} />
        <span>
          {before}
          {node &&
            (failed ? (
              <a
                className={styles.link}
                href={links.run(run.id, { node: failed.id, tab: 'log' })}
              >
                {node}
              </a>
            ) : (
              node
            ))}
          {after}
        </span>
      </div>
      {failed && <FailedLine run={run} node={failed} />}
    </div>
  );
}

function FailedLine({ run, node }: { run: Run; node: NodeStatus }) {
  const api = useApi(mlopsApiRef);
  const pipeline = useResource(
    `pipeline ${run.project} ${run.pipeline} ${run.commit}`,
    () => api.getPipeline(run.project, run.pipeline, run.commit),
  );
  const line = pipeline.value?.graph.nodes.find(
    item => item.template === node.templateName,
  )?.templateLine;
  if (!line) return null;
  return (
    <p className={styles.muted} style={{ margin: '8px 0 0' }}>
      Template{' '}
      <To
        href={links.pipeline(run.project, run.pipeline, {
          ref: run.commit,
          line,
        })}
      >{`${node.templateName}, line ${line} of ${run.file} at ${shortCommit(
        run.commit,
      )}`}</To>
    </p>
  );
}

function Steps({
  run,
  chosen,
  choose,
}: {
  run: Run;
  chosen?: NodeStatus;
  choose(nodeId: string): void;
}) {
  const api = useApi(mlopsApiRef);
  const [query, setQuery] = useSearchParams();
  const pipeline = useResource(
    `pipeline ${run.project} ${run.pipeline} ${run.commit}`,
    () => api.getPipeline(run.project, run.pipeline, run.commit),
  );
  const view = query.get('view') === 'list' ? 'list' : 'graph';
  const show = (next: string) =>
    setQuery(
      before => {
        const values = new URLSearchParams(before);
        values.set('view', next);
        return values;
      },
      { replace: true },
    );
  return (
    <Panel
      title="Steps"
      actions={
        <div className={styles.row} role="group" aria-label="View">
          {['graph', 'list'].map(name => (
            <Button
              key={name}
              size="small"
              variant={view === name ? 'primary' : 'secondary'}
              aria-pressed={view === name}
              onPress={() => show(name)}
            >
              {name === 'graph' ? 'Graph' : 'List'}
            </Button>
          ))}
        </div>
      }
    >
      {view === 'graph' && pipeline.value ? (
        <GraphView
          graph={pipeline.value.graph}
          nodes={run.nodes}
          selected={chosen?.id}
          onSelect={node => node.nodeId && choose(node.nodeId)}
        />
      ) : (
        <NodeList run={run} chosen={chosen} choose={choose} />
      )}
    </Panel>
  );
}

/** Depth of a node below the root, by its boundaries. */
function depthOf(run: Run, node: NodeStatus): number {
  let depth = 0;
  for (
    let at = node.boundaryID;
    at && run.nodes[at] && depth < 20;
    at = run.nodes[at].boundaryID
  )
    depth += 1;
  return depth;
}

function NodeList({
  run,
  chosen,
  choose,
}: {
  run: Run;
  chosen?: NodeStatus;
  choose(nodeId: string): void;
}) {
  const nodes = Object.values(run.nodes)
    .filter(node => node.type !== 'StepGroup')
    .sort((a, b) =>
      a.startedAt < b.startedAt ? -1 : a.startedAt > b.startedAt ? 1 : 0,
    );
  if (nodes.length === 0) return <Empty>No step has begun.</Empty>;
  return (
    <ul className={styles.tree} aria-label="Steps">
      {nodes.map(node => (
        <li key={node.id} style={{ paddingLeft: depthOf(run, node) * 16 }}>
          <button
            type="button"
            aria-pressed={chosen?.id === node.id}
            onClick={() => choose(node.id)}
          >
            <span className={styles.grow}>{node.displayName}</span>
            <span className={styles.muted}>
              {node.finishedAt ? duration(node.startedAt, node.finishedAt) : ''}
            </span>
            <State phase={node.phase} />
          </button>
        </li>
      ))}
    </ul>
  );
}

function Metrics({ run }: { run: Run }) {
  const api = useApi(mlopsApiRef);
  const over = isOver(run);
  const metrics = useResource(
    `metrics ${run.id} ${over}`,
    () => api.listMetrics(run.id),
    () => (over ? undefined : 1_500),
  );
  if (!metrics.value || metrics.value.items.length === 0) return null;
  return (
    <Panel title="Metrics">
      <Curves series={metrics.value.items} />
    </Panel>
  );
}

function Provenance({ run }: { run: Run }) {
  return (
    <Panel title="Where it comes from">
      <Facts
        items={[
          [
            'Commit',
            <To
              href={links.pipeline(run.project, run.pipeline, {
                ref: run.commit,
              })}
            >
              {shortCommit(run.commit)}
            </To>,
          ],
          ['Asked for', run.ref],
          ['File', <span className={styles.mono}>{run.file}</span>],
          ['By', nameOf(run.trigger.by)],
          ['Submitted', run.createdAt],
          [
            'Took',
            run.startedAt ? duration(run.startedAt, run.finishedAt) : '',
          ],
          [
            'Tracking run',
            <span className={styles.mono}>{run.trackingRunId}</span>,
          ],
          ...run.parameters.map((item): [string, React.ReactNode] => [
            item.name,
            <span className={styles.mono}>{item.value}</span>,
          ]),
        ]}
      />
    </Panel>
  );
}

function Stop({ id, onChange }: { id: string; onChange(): void }) {
  const api = useApi(mlopsApiRef);
  const { t } = useTranslationRef(mlopsTranslationRef);
  const [open, setOpen] = useState(false);
  const [fault, setFault] = useState<string>();
  const stop = () =>
    api.stopRun(id).then(
      () => {
        setOpen(false);
        onChange();
      },
      error => setFault(error.body?.error?.message ?? error.message),
    );
  return (
    <DialogTrigger isOpen={open} onOpenChange={setOpen}>
      <Button variant="secondary">{t('run.stop')}</Button>
      <Dialog>
        <DialogHeader>{t('run.stopTitle')}</DialogHeader>
        <DialogBody>
          <p>{t('run.stopText')}</p>
          {fault && <Alert status="danger" icon title={fault} />}
        </DialogBody>
        <DialogFooter>
          <Button variant="primary" onPress={stop}>
            {t('run.stop')}
          </Button>
          <Button variant="secondary" slot="close">
            {t('run.cancel')}
          </Button>
        </DialogFooter>
      </Dialog>
    </DialogTrigger>
  );
}
