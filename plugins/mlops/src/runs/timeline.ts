/* When each step of a run began and ended, as rows of a picture. Pure: the clock is given. */
import type { NodeStatus } from '@backstage-mlops/argo-engine';
import { countPhases, foldRounds, type Counts } from '../pipelines/foldRounds';
import { attemptsOf, type Step } from '../pipelines/stepTree';
import type { ShownPhase } from '../ui/State';

/** One line of the picture. */
export interface TimelineRow {
  id: string;
  nodeId?: string;
  name: string;
  /** Which attempt it is, when there were several; 1-based. */
  attempt?: number;
  depth: number;
  phase: ShownPhase;
  /** Milliseconds after the beginning of the run. */
  from: number;
  to: number;
  /** A step that holds others. */
  isGroup: boolean;
  /** Of a loop with many rounds: how they stand, and whether they are shown. */
  loop?: { counts: Counts; open: boolean };
}

/** The picture: rows, and the marks of its axis. */
export interface Timeline {
  rows: TimelineRow[];
  /** Milliseconds from the left to the right end. */
  length: number;
  /** Round times below `length`. */
  marks: number[];
}

const began = new Set<ShownPhase>([
  'Pending',
  'Running',
  'Succeeded',
  'Failed',
  'Error',
]);

/** Rows for the steps that began, in their order. */
export function toTimeline(
  steps: Step[],
  nodes: Record<string, NodeStatus>,
  { now, open }: { now: number; open: ReadonlySet<string> },
): Timeline {
  const starts = Object.values(nodes).map(node => Date.parse(node.startedAt));
  const start = starts.length > 0 ? Math.min(...starts) : now;
  const span = (item: { startedAt?: string; finishedAt?: string }) => {
    const from = item.startedAt ? Date.parse(item.startedAt) - start : 0;
    const end = item.finishedAt ? Date.parse(item.finishedAt) : now;
    return { from, to: Math.max(from, end - start) };
  };
  const rows: TimelineRow[] = [];
  const addStep = (step: Step, depth: number) => {
    if (!began.has(step.phase)) return;
    rows.push({
      id: step.id,
      ...(step.nodeId ? { nodeId: step.nodeId } : {}),
      name: step.round
        ? `${step.name} ${step.round.label ?? step.round.number}`
        : step.name,
      depth,
      phase: step.phase,
      ...span(step),
      isGroup: step.members.length > 0,
    });
    for (const row of attempts(step, nodes, depth + 1, span)) rows.push(row);
    addAll(step.members, depth + 1);
  };
  const addAll = (all: Step[], depth: number) => {
    for (const entry of foldRounds(all)) {
      if (entry.kind === 'step') {
        addStep(entry.step, depth);
        continue;
      }
      const shown = entry.rounds.filter(step => began.has(step.phase));
      if (shown.length === 0) continue;
      const spans = shown.map(span);
      const isOpen = open.has(entry.id);
      rows.push({
        id: entry.id,
        name: entry.name,
        depth,
        phase: entry.phase,
        from: Math.min(...spans.map(item => item.from)),
        to: Math.max(...spans.map(item => item.to)),
        isGroup: true,
        loop: { counts: countPhases(entry.rounds), open: isOpen },
      });
      for (const step of isOpen ? entry.rounds : entry.failed)
        addStep(step, depth + 1);
    }
  };
  addAll(steps, 0);
  const length = Math.max(1, ...rows.map(row => row.to));
  return { rows, length, marks: marksOf(length) };
}

// A step that was tried several times shows each try; one that was not is its own row.
function attempts(
  step: Step,
  nodes: Record<string, NodeStatus>,
  depth: number,
  span: (node: NodeStatus) => { from: number; to: number },
): TimelineRow[] {
  const retry = nodes[step.id];
  const all = retry ? attemptsOf(retry, nodes) : [];
  if (all.length < 2) return [];
  return all.map((node, index) => ({
    id: `${node.id} attempt`,
    nodeId: node.id,
    name: step.name,
    attempt: index + 1,
    depth,
    phase: node.phase,
    ...span(node),
    isGroup: false,
  }));
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const steps = [
  50,
  100,
  200,
  500,
  second,
  2 * second,
  5 * second,
  10 * second,
  15 * second,
  30 * second,
  minute,
  2 * minute,
  5 * minute,
  10 * minute,
  15 * minute,
  30 * minute,
  hour,
  2 * hour,
  6 * hour,
  12 * hour,
  24 * hour,
];
const mostMarks = 6;

/** Round times from 0 on, at most six, none beyond the end. */
export function marksOf(length: number): number[] {
  const largest = steps[steps.length - 1];
  const step =
    steps.find(size => length / size < mostMarks) ??
    Math.ceil(length / largest / (mostMarks - 1)) * largest;
  const marks = [];
  for (let at = 0; at <= length && marks.length < mostMarks; at += step)
    marks.push(at);
  return marks;
}
