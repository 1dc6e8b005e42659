/*
 * Histories that a real controller wrote, played onto a Workflow object: `operate.jsonl` holds the tree after every pass, a whole
 * run holds its last tree alone, which is played as what led to it: a node begins after its parents, is Pending, Running, over.
 */

/** What one write of the controller says. */
export type Frame = Record<string, any>;

interface RecordedNode {
  name: string;
  id: string;
  [field: string]: any;
}

const fields = [
  'id',
  'displayName',
  'type',
  'phase',
  'message',
  'templateName',
  'templateRef',
  'templateScope',
  'nodeFlag',
  'memoizationStatus',
  'synchronizationStatus',
] as const;

/** Frames of a recorded workflow. */
export function framesOf(recorded: Record<string, any>): Frame[] {
  return recorded.after ? passes(recorded.after) : runUp(recorded);
}

/** Lines that the containers of a node wrote, by its id. */
export const logsOf = (recorded: Record<string, any>): Record<string, string> =>
  Object.fromEntries(
    (Array.isArray(recorded.nodes) ? recorded.nodes : [])
      .filter((node: RecordedNode) => node.type === 'Pod')
      .map((node: RecordedNode) => [
        node.id,
        (node.log ?? []).map((line: string) => `${line}\n`).join(''),
      ]),
  );

// The tree of each pass; one that changed nothing wrote nothing.
function passes(after: any[]): Frame[] {
  return after
    .filter(pass => !pass.unchanged)
    .map(pass =>
      frameOf(
        pass,
        Object.entries<any>(pass.nodes ?? {}).map(([name, node]) => ({
          ...node,
          name,
          boundary: node.boundaryName,
          outbound: node.outboundNodes,
          inputs: listed(node.inputs),
          outputs: listed(node.outputs),
        })),
      ),
    );
}

const listed = (values?: Record<string, any>) =>
  values && {
    ...values,
    ...(values.parameters
      ? {
          parameters: Object.entries(values.parameters).map(
            ([name, value]) => ({ name, value }),
          ),
        }
      : {}),
  };

// Groups run all the while; leaves one after the other.
function runUp(recorded: Record<string, any>): Frame[] {
  const { nodes } = recorded as { nodes: RecordedNode[] };
  const begun = (node: RecordedNode, phase: string): RecordedNode => ({
    ...node,
    phase,
    message: undefined,
    outputs: undefined,
  });
  const running = { phase: 'Running', progress: recorded.progress };
  const frames = nodes.flatMap((now, turn) =>
    (isLeaf(now) ? ['Pending', 'Running'] : []).map(phase =>
      frameOf(
        running,
        nodes.flatMap((node, index) => {
          if (!isLeaf(node)) return begun(node, 'Running');
          if (index < turn) return node;
          return index === turn ? begun(node, phase) : [];
        }),
      ),
    ),
  );
  return [...frames, frameOf(recorded, nodes)];
}

const isLeaf = ({ type }: RecordedNode) =>
  type === 'Pod' || type === 'Skipped' || type === 'Suspend';

function frameOf(
  { phase, message, progress, outputs }: Record<string, any>,
  nodes: RecordedNode[],
): Frame {
  const ids = new Map(nodes.map(({ name, id }) => [name, id]));
  // A child that was named but never made keeps its id alone.
  const idOf = (name: string) => ids.get(name) ?? name.replace(/^\?/, '');
  const isThere = (name: string) => ids.has(name) || name.startsWith('?');
  return {
    phase,
    ...(message ? { message } : {}),
    ...(progress ? { progress } : {}),
    ...(outputs ? { outputs } : {}),
    nodes: Object.fromEntries(
      nodes.map(node => {
        const kept: Record<string, any> = { name: node.name };
        for (const field of fields)
          if (node[field] !== undefined) kept[field] = node[field];
        return [
          node.id,
          {
            ...kept,
            ...(node.boundary ? { boundaryID: idOf(node.boundary) } : {}),
            ...(node.children
              ? { children: node.children.filter(isThere).map(idOf) }
              : {}),
            ...(node.outbound
              ? { outboundNodes: node.outbound.filter(isThere).map(idOf) }
              : {}),
            ...(node.inputs ? { inputs: node.inputs } : {}),
            ...(node.outputs ? { outputs: node.outputs } : {}),
          },
        ];
      }),
    ),
  };
}
