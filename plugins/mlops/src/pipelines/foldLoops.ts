import { countPhases, roundsOf, worstPhase, type Counts } from './foldRounds';
import type { Step, StepTree } from './stepTree';

/** Leaves for the picture: steps, and loops that would be too wide folded into one. */
export interface Leaf extends Omit<Step, 'members'> {
  /** How many rounds are in each phase, when the leaf stands for several. */
  counts?: Counts;
}

/** A loop with more rounds than this is drawn as one step; the list shows each. */
export const widestLoop = 8;

/**
 * Turns the tree into what is drawn: leaves and the edges between them. A picture of many nodes folds loops whose rounds hold
 * steps of their own, too.
 */
export function foldLoops(
  tree: StepTree,
  many = false,
): {
  leaves: Leaf[];
  edges: StepTree['edges'];
} {
  const leaves: Leaf[] = [];
  const standsFor = new Map<string, string>();
  const standIn = (step: Step, id: string) => {
    standsFor.set(step.id, id);
    step.members.forEach(member => standIn(member, id));
  };
  const visit = (steps: Step[]) => {
    for (const group of roundsOf(steps)) {
      if (group.length > widestLoop && (many || group.every(isLeaf))) {
        const folded = fold(group);
        leaves.push(folded);
        group.forEach(step => standIn(step, folded.id));
      } else
        for (const { members, ...step } of group)
          if (members.length > 0) visit(members);
          else leaves.push(step);
    }
  };
  visit(tree.steps);
  return { leaves, edges: between(tree.edges, standsFor) };
}

/** Edges between what is drawn, each once; those within a folded loop are not drawn. */
function between(
  edges: StepTree['edges'],
  standsFor: Map<string, string>,
): StepTree['edges'] {
  const known = new Map<string, StepTree['edges'][number]>();
  for (const edge of edges) {
    const from = standsFor.get(edge.from) ?? edge.from;
    const to = standsFor.get(edge.to) ?? edge.to;
    if (from !== to) known.set(`${from}\n${to}`, { from, to });
  }
  return [...known.values()];
}

function isLeaf(step: Step): boolean {
  return step.members.length === 0;
}

/** A folded loop leads to the round that matters most: one that failed, else one that runs. */
function fold(rounds: Step[]): Leaf {
  const counts = countPhases(rounds);
  const phase = worstPhase(counts);
  const {
    members: _,
    round: __,
    ...first
  } = rounds.find(step => step.phase === phase)!;
  return { ...first, id: `loop of ${rounds[0].id}`, phase, counts };
}
