/** A trained candidate, as its step wrote it down. */
export interface Candidate {
  name: string;
  /** Tracking run that has its files. */
  run: string;
  validationAccuracy: number;
  validationLoss: number;
}

/** Reads the list that Argo makes of a loop's output parameters: JSON texts in JSON. */
export function parseCandidates(text: string): Candidate[] {
  const list = JSON.parse(text) as (string | Candidate)[];
  if (!Array.isArray(list) || list.length === 0)
    throw new Error('There is no candidate to choose from');
  return list.map(item =>
    typeof item === 'string' ? (JSON.parse(item) as Candidate) : item,
  );
}

/** The best by validation rows: accuracy first, then loss, then the earlier one. Held-out rows have no say. */
export function chooseCandidate(candidates: Candidate[]): Candidate {
  return candidates.reduce((best, next) => {
    const better =
      next.validationAccuracy - best.validationAccuracy ||
      best.validationLoss - next.validationLoss;
    return better > 0 ? next : best;
  });
}
