/* Loops with many rounds as one entry with counts; what failed stays in sight. */
import type { ShownPhase } from '../ui/State';
import { below, type Step } from './stepTree';

/** How many rounds are in each phase. */
export type Counts = Partial<Record<ShownPhase, number>>;

/** A step, or a loop that is folded. */
export type Entry =
  | { kind: 'step'; step: Step }
  | {
      kind: 'loop';
      id: string;
      name: string;
      /** The phase that matters most. */
      phase: ShownPhase;
      rounds: Step[];
      counts: Counts;
      /** Rounds that stay in sight: those that failed, and the one that holds the chosen node. */
      kept: Step[];
    };

/** A loop with more rounds is folded. */
export const mostRounds = 10;
/** So many failed rounds of a folded loop are shown. */
const mostFailed = 20;

const worstFirst: ShownPhase[] = [
  'Error',
  'Failed',
  'Running',
  'Pending',
  'Planned',
  'Succeeded',
  'Skipped',
  'Omitted',
];

/** How they are said: what went well first. */
const spoken: ShownPhase[] = [
  'Succeeded',
  'Failed',
  'Error',
  'Running',
  'Pending',
  'Planned',
  'Skipped',
  'Omitted',
];

/** Steps beside each other, long loops folded. */
export function foldRounds(steps: Step[], chosen?: string): Entry[] {
  const entries: Entry[] = [];
  for (const group of roundsOf(steps)) {
    if (group.length <= mostRounds) {
      entries.push(...group.map(step => ({ kind: 'step' as const, step })));
      continue;
    }
    const counts = countPhases(group);
    const failed = group.filter(isBad).slice(0, mostFailed);
    const known = new Set(failed);
    entries.push({
      kind: 'loop',
      id: `loop of ${group[0].id}`,
      name: group[0].name,
      phase: worstPhase(counts),
      rounds: group,
      counts,
      kept: group.filter(step => known.has(step) || holds(step, chosen)),
    });
  }
  return entries;
}

const isBad = ({ phase }: Step) => phase === 'Failed' || phase === 'Error';

/** True when a node is a step or somewhere below it. */
function holds(step: Step, nodeId: string | undefined): boolean {
  if (nodeId === undefined) return false;
  return step.nodeId === nodeId || below(step).some(one => holds(one, nodeId));
}

/** Rounds of one loop stand beside each other and have one name. */
export function roundsOf(steps: Step[]): Step[][] {
  const rounds: Step[][] = [];
  for (const step of steps) {
    const last = rounds[rounds.length - 1];
    if (step.looped && last?.[0].looped && last[0].name === step.name)
      last.push(step);
    else rounds.push([step]);
  }
  return rounds;
}

/** How many steps are in each phase, in the order in which it is said. */
export function countPhases(steps: Pick<Step, 'phase'>[]): Counts {
  const found: Counts = {};
  for (const { phase } of steps) found[phase] = (found[phase] ?? 0) + 1;
  return Object.fromEntries(
    spoken.flatMap(phase => (found[phase] ? [[phase, found[phase]]] : [])),
  );
}

/** The phase that says most about several steps. */
export const worstPhase = (counts: Counts): ShownPhase =>
  worstFirst.find(phase => counts[phase]) ?? 'Planned';
