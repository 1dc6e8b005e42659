import type { Pipeline, Run } from '@backstage-mlops/mlops-core';
import { useMemo } from 'react';
import type { Resource } from '../api/useResource';
import { GraphView } from '../pipelines/GraphView';
import { StepList } from '../pipelines/StepList';
import { toStepTree, type Step } from '../pipelines/stepTree';
import { useView, ViewChoice } from '../pipelines/ViewChoice';
import { useQuery } from '../routing';
import { useText } from '../translation';
import { Outline } from '../ui/Fetched';
import { Note, Panel } from '../ui/Panel';
import { TimelineView } from './TimelineView';

/** A graph of more nodes is no picture; the list comes first. */
const mostDrawn = 300;
/** On a phone the list shows more than a part of the picture. */
const isNarrow = () =>
  window.matchMedia?.('(max-width: 640px)').matches ?? false;
const noPlan = { nodes: [], edges: [] };

/** The steps of a run: those that were made, and those that the committed file still plans. */
export function RunSteps(props: {
  run: Run;
  pipeline: Resource<Pipeline>;
  shown?: string;
}) {
  const { run, pipeline, shown } = props;
  const t = useText();
  const [, change] = useQuery();
  const many = Object.keys(run.nodes).length > mostDrawn;
  const [view, setView] = useView(many || isNarrow() ? 'list' : 'graph', true);
  const isWaiting = !pipeline.value && !pipeline.error;
  const graph = pipeline.value?.graph ?? noPlan;
  const tree = useMemo(() => toStepTree(graph, run.nodes), [graph, run.nodes]);
  const choose = ({ nodeId }: Pick<Step, 'nodeId'>) =>
    nodeId &&
    change(
      { node: nodeId, tab: undefined, line: undefined, find: undefined },
      'step',
    );
  return (
    <Panel
      title={t('run.steps')}
      actions={<ViewChoice timed view={view} onChange={setView} />}
    >
      {tree.steps.length === 0 && !isWaiting && <Note>{t('run.noSteps')}</Note>}
      {tree.steps.length > 0 && view === 'list' && (
        <StepList ofRun steps={tree.steps} selected={shown} onSelect={choose} />
      )}
      {/* Without the plan the order of the steps is not known. */}
      {view === 'graph' && isWaiting && <Outline what={t('run.steps')} />}
      {tree.steps.length > 0 && view === 'graph' && !isWaiting && (
        <GraphView
          ofRun
          many={many}
          tree={tree}
          selected={shown}
          onSelect={choose}
        />
      )}
      {tree.steps.length > 0 && view === 'timeline' && (
        <TimelineView
          run={run}
          steps={tree.steps}
          selected={shown}
          onSelect={choose}
        />
      )}
    </Panel>
  );
}
