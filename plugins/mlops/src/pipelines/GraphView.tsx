import type { NodeStatus, PipelineGraph } from '@backstage-mlops/argo-engine';
import { useMemo } from 'react';
import { styles, toneOf } from '../ui/ui';
import { box, layoutGraph, type DrawnNode } from './layoutGraph';

const signs: Record<string, string> = {
  Succeeded: '✓',
  Failed: '✕',
  Error: '✕',
  Running: '▶',
  Pending: '…',
  Skipped: '–',
  Omitted: '–',
  Planned: '',
};

/** The steps of a pipeline and what comes after what. Each step can be chosen with mouse or keyboard. */
export function GraphView({
  graph,
  nodes,
  selected,
  onSelect,
}: {
  graph: PipelineGraph;
  nodes?: Record<string, NodeStatus>;
  selected?: string;
  onSelect(node: DrawnNode): void;
}) {
  const drawing = useMemo(() => layoutGraph(graph, nodes), [graph, nodes]);
  return (
    <div className={styles.scroll} style={{ maxHeight: 640, overflow: 'auto' }}>
      <svg
        className={styles.graph}
        width={drawing.width}
        height={drawing.height}
        role="group"
        aria-label="Steps of the pipeline"
      >
        {drawing.edges.map(({ from, to, points }) => (
          <polyline
            key={`${from} ${to}`}
            points={points.map(point => `${point.x},${point.y}`).join(' ')}
            fill="none"
            stroke="currentColor"
            strokeOpacity={0.4}
            strokeWidth={1.5}
          />
        ))}
        {drawing.nodes.map(node => (
          <GraphNode
            key={node.id}
            node={node}
            selected={selected !== undefined && selected === node.nodeId}
            onSelect={() => onSelect(node)}
          />
        ))}
      </svg>
    </div>
  );
}

function GraphNode({
  node,
  selected,
  onSelect,
}: {
  node: DrawnNode;
  selected: boolean;
  onSelect(): void;
}) {
  const planned = node.phase === 'Planned';
  const name = node.name.length > 22 ? `${node.name.slice(0, 21)}…` : node.name;
  return (
    <g
      transform={`translate(${node.x},${node.y})`}
      className={`${styles.nodeButton} ${toneOf(node.phase)}`}
      role="button"
      tabIndex={0}
      aria-label={`${node.name}: ${planned ? 'not begun' : node.phase}`}
      aria-pressed={selected}
      onClick={onSelect}
      onKeyDown={event => {
        if (event.key !== 'Enter' && event.key !== ' ') return;
        event.preventDefault();
        onSelect();
      }}
    >
      <title>{node.name}</title>
      <rect
        width={box.width}
        height={box.height}
        rx={8}
        fill="var(--bui-bg-neutral-1, Canvas)"
        stroke="currentColor"
        strokeWidth={selected ? 3 : 1.5}
        strokeDasharray={planned ? '5 4' : undefined}
      />
      <text
        x={12}
        y={22}
        fontSize={13}
        fontWeight={600}
        fill="var(--bui-fg-primary, CanvasText)"
      >
        {name}
      </text>
      <text x={12} y={40} fontSize={11} fill="currentColor">
        {`${signs[node.phase] ?? ''} ${
          planned ? node.template : node.phase
        }`.trim()}
      </text>
    </g>
  );
}
