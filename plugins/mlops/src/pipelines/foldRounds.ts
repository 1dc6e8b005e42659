/* Loops with many rounds as one entry with counts; what failed stays in sight. */
import type { ShownPhase } from '../ui/State';
import type { Step } from './stepTree';

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
      failed: Step[];
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

/** Steps beside each other, long loops folded. */
export function foldRounds(steps: Step[]): Entry[] {
  const entries: Entry[] = [];
  for (const group of roundsOf(steps)) {
    if (group.length <= mostRounds) {
      entries.push(...group.map(step => ({ kind: 'step' as const, step })));
      continue;
    }
    const counts = countPhases(group);
    entries.push({
      kind: 'loop',
      id: `loop of ${group[0].id}`,
      name: group[0].name,
      phase: worstPhase(counts),
      rounds: group,
      failed: group
        .filter(step => step.phase === 'Failed' || step.phase === 'Error')
        .slice(0, mostFailed),
    });
  }
  return entries;
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

/** How many steps are in each phase, the worst first. */
export function countPhases(steps: Pick<Step, 'phase'>[]): Counts {
  const counts: Counts = {};
  for (const phase of worstFirst) {
    const count = steps.filter(step => step.phase === phase).length;
    if (count > 0) counts[phase] = count;
  }
  return counts;
}

/** The phase that says most about several steps. */
export const worstPhase = (counts: Counts): ShownPhase =>
  worstFirst.find(phase => counts[phase]) ?? 'Planned';
