import type { PipelineGraph } from '@backstage-mlops/argo-engine';
import type { PipelineEffect } from '@backstage-mlops/mlops-core';
import type { StepMark } from '../../pipelines/StepSign';

/** One picture of before and after. */
export interface MarkedGraph {
  graph: PipelineGraph;
  marks: Map<string, StepMark>;
}

const empty: PipelineGraph = { nodes: [], edges: [] };

/** Puts what goes away back into the graph after the change, and says of each node what becomes of it. */
export function markGraph(
  effect: Pick<
    PipelineEffect,
    'before' | 'after' | 'added' | 'removed' | 'changed'
  >,
): MarkedGraph {
  const { before = empty, after = empty, added, removed, changed } = effect;
  const marks = new Map<string, StepMark>([
    ...changed.map(({ id }) => [id, 'changed'] as const),
    ...added.map(id => [id, 'added'] as const),
    ...removed.map(id => [id, 'removed'] as const),
  ]);
  const known = new Set(after.nodes.map(({ id }) => id));
  const gone = before.nodes.filter(
    // Two entrypoints would be two pictures; what the old one held is told in words.
    ({ id, parent }) =>
      !known.has(id) && (parent !== undefined || after.nodes.length === 0),
  );
  const goneIds = new Set(gone.map(({ id }) => id));
  const back = before.edges.filter(
    ({ from, to }) => goneIds.has(from) || goneIds.has(to),
  );
  return {
    graph: {
      nodes: [...after.nodes, ...gone],
      edges: [...after.edges, ...back],
    },
    marks,
  };
}

/** The marked nodes in the order of the picture, with the fields that differ. */
export function listMarks({
  before = empty,
  after = empty,
  added,
  removed,
  changed,
}: Pick<
  PipelineEffect,
  'before' | 'after' | 'added' | 'removed' | 'changed'
>): {
  id: string;
  name: string;
  mark: StepMark;
  fields: string[];
  line?: number;
}[] {
  const of = (graph: PipelineGraph, id: string) =>
    graph.nodes.find(node => node.id === id);
  const entry = (id: string, mark: StepMark, fields: string[] = []) => {
    const node = of(mark === 'removed' ? before : after, id);
    return {
      id,
      // The frame around all steps is not a word that a reader knows.
      name: id.split('.').slice(1).join(' / ') || id,
      mark,
      fields,
      line: mark === 'removed' ? undefined : node?.line ?? node?.templateLine,
    };
  };
  return [
    ...added.map(id => entry(id, 'added')),
    ...removed.map(id => entry(id, 'removed')),
    ...changed.map(({ id, fields }) => entry(id, 'changed', fields)),
  ];
}
