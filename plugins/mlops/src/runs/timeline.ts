/* When each step of a run began and ended, as rows of a picture. Pure: the clock is given. */
import type { NodeStatus } from '@backstage-mlops/argo-engine';
import { foldRounds, type Counts, type Entry } from '../pipelines/foldRounds';
import { below, type Step } from '../pipelines/stepTree';
import type { ShownPhase } from '../ui/State';
import { readyTimes } from './readyTimes';

/** One line of the picture. Times are milliseconds after the beginning of the run. */
export interface TimelineRow {
  id: string;
  nodeId?: string;
  name: string;
  /** Which attempt it is, when there were several; 1-based. */
  attempt?: number;
  depth: number;
  phase: ShownPhase;
  /** When it could have begun; never after `from`. */
  waitsFrom: number;
  from: number;
  to: number;
  /** A step that holds others. */
  isGroup: boolean;
  /** Its attempts have rows of their own; `nodeId` is the last of them. */
  triedAgain?: boolean;
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

/** What a timeline depends on besides the run. */
export interface TimelineOptions {
  /** Milliseconds since 1970. */
  now: number;
  /** Ids of the loops that are unfolded. */
  open: ReadonlySet<string>;
  /** Id of the chosen node, which stays in sight. */
  chosen?: string;
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
  options: TimelineOptions,
): Timeline {
  const builder = new RowBuilder(nodes, options);
  builder.addAll(steps, 0);
  const { rows } = builder;
  const length = rows.reduce((most, { to }) => Math.max(most, to), 1);
  return { rows, length, marks: marksOf(length) };
}

class RowBuilder {
  readonly rows: TimelineRow[] = [];
  private readonly start: number;
  private readonly ready: Map<string, number>;

  constructor(
    nodes: Record<string, NodeStatus>,
    private readonly options: TimelineOptions,
  ) {
    this.ready = readyTimes(nodes);
    this.start = Object.values(nodes).reduce(
      (first, { startedAt }) => Math.min(first, Date.parse(startedAt)),
      options.now,
    );
  }

  addAll(steps: Step[], depth: number): void {
    for (const entry of foldRounds(steps, this.options.chosen))
      if (entry.kind === 'step') this.addStep(entry.step, depth);
      else this.addLoop(entry, depth);
  }

  private addStep(step: Step, depth: number): void {
    if (!began.has(step.phase)) return;
    const inside = below(step);
    const { nodeId, attempt, round } = step;
    this.rows.push({
      id: step.id,
      ...(nodeId ? { nodeId } : {}),
      ...(step.attempts ? { triedAgain: true } : {}),
      name: round ? `${step.name} ${round.label ?? round.number}` : step.name,
      ...(attempt ? { attempt } : {}),
      depth,
      phase: step.phase,
      ...this.times(step, inside.length > 0),
      isGroup: inside.length > 0,
    });
    this.addAll(inside, depth + 1);
  }

  private addLoop(loop: Extract<Entry, { kind: 'loop' }>, depth: number): void {
    const spans = loop.rounds
      .filter(step => began.has(step.phase))
      .map(step => this.times(step, true));
    if (spans.length === 0) return;
    const open = this.options.open.has(loop.id);
    const from = spans.reduce((a, b) => Math.min(a, b.from), Infinity);
    this.rows.push({
      id: loop.id,
      name: loop.name,
      depth,
      phase: loop.phase,
      waitsFrom: from,
      from,
      to: spans.reduce((a, b) => Math.max(a, b.to), 0),
      isGroup: true,
      loop: { counts: loop.counts, open },
    });
    for (const step of open ? loop.rounds : loop.kept)
      this.addStep(step, depth + 1);
  }

  private times(step: Step, isGroup: boolean) {
    const { start, ready } = this;
    const { now } = this.options;
    const made = step.startedAt ? Date.parse(step.startedAt) : now;
    const free = isGroup ? made : ready.get(step.nodeId ?? '') ?? made;
    const end = step.finishedAt ? Date.parse(step.finishedAt) : now;
    const to = Math.max(0, made - start, end - start);
    // What is made but does not run yet waits until now.
    const from = step.phase === 'Pending' && !isGroup ? to : made - start;
    return { waitsFrom: Math.min(from, Math.max(0, free - start)), from, to };
  }
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const sizes = [
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
  const largest = sizes[sizes.length - 1];
  const step =
    sizes.find(size => length / size < mostMarks) ??
    Math.ceil(length / largest / (mostMarks - 1)) * largest;
  const marks = [];
  for (let at = 0; at <= length && marks.length < mostMarks; at += step)
    marks.push(at);
  return marks;
}
