import type { Change } from '@backstage-mlops/mlops-core';

/** How a request stands, and what it waits for. */
export type ChangeSentence =
  | { says: 'live' | 'waitsLive' | 'closed' | 'draft' | 'conflicts' | 'ready' }
  | { says: 'failed' | 'pending'; names: string[] }
  | { says: 'blocked'; reason: string };

/** The one thing that matters most about a request now. */
export function toChangeSentence(change: Change): ChangeSentence {
  switch (change.state) {
    case 'merged':
      return { says: change.live ? 'live' : 'waitsLive' };
    case 'closed':
      return { says: 'closed' };
    default:
      return whatItWaitsFor(change);
  }
}

function whatItWaitsFor(change: Change): ChangeSentence {
  if (change.draft) return { says: 'draft' };
  if (change.conflicts?.length) return { says: 'conflicts' };
  const names = (state: 'failed' | 'pending') =>
    change.checks
      .filter(check => check.commit === change.head && check.state === state)
      .map(({ name }) => name);
  const failed = names('failed');
  if (failed.length > 0 && !change.mergeable)
    return { says: 'failed', names: failed };
  const pending = names('pending');
  if (pending.length > 0 && !change.mergeable)
    return { says: 'pending', names: pending };
  const [reason] = change.blockedBy;
  return reason ? { says: 'blocked', reason } : { says: 'ready' };
}

/** What a reviewer said last of the present commit. */
export function lastVerdict(
  { reviews }: Pick<Change, 'reviews'>,
  by: string,
): Change['reviews'][number] | undefined {
  const own = reviews.filter(
    review => review.by === by && review.verdict !== 'commented',
  );
  return own[own.length - 1] ?? reviews.filter(r => r.by === by).pop();
}
