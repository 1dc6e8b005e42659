import type { Change, ReviewVerdict } from '@backstage-mlops/mlops-core';

/** Something that somebody said or did on a request. */
export type Entry = { by: string; at: string; text: string } & (
  | { kind: 'comment' }
  | { kind: 'commit'; commit: string }
  | { kind: 'review'; verdict: ReviewVerdict; commit: string }
);

/** Comments, reviews and commits of a request in the order of their times. */
export function toEntries({
  comments,
  reviews,
  commits,
}: Pick<Change, 'comments' | 'reviews' | 'commits'>): Entry[] {
  const entries: Entry[] = [
    ...commits.map(({ commit, title, author, at }) => ({
      kind: 'commit' as const,
      by: author,
      at,
      text: title,
      commit,
    })),
    ...comments.map(({ by, text, at }) => ({
      kind: 'comment' as const,
      by,
      at,
      text,
    })),
    ...reviews.map(({ by, verdict, comment = '', commit, at }) => ({
      kind: 'review' as const,
      by,
      at,
      text: comment,
      verdict,
      commit,
    })),
  ];
  return entries.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}
