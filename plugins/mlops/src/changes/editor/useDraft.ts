import { useCallback, useEffect, useState } from 'react';

/** An edit that is not proposed yet. It is kept in the tab until it is proposed or thrown away. */
export interface Draft {
  /** Commit that the text was taken from. */
  base: string;
  /** The text there. */
  original: string;
  text: string;
  /** Undefined while the suggested one stands. */
  title?: string;
  message: string;
  reviewers: string[];
  draft: boolean;
  trial: boolean;
}

/** A draft and what can be done with it. */
export interface Drafting {
  draft: Draft;
  /** True when it was found in the tab, from before a reload. */
  restored: boolean;
  dirty: boolean;
  change(changes: Partial<Draft>): void;
  /** Back to what git has. */
  discard(): void;
  /** It is in git now. */
  done(): void;
}

function read(key: string): Draft | undefined {
  try {
    const kept = sessionStorage.getItem(key);
    return kept ? (JSON.parse(kept) as Draft) : undefined;
  } catch {
    // A browser that keeps nothing, or something else under our name.
    return undefined;
  }
}

function keep(key: string, draft?: Draft): void {
  try {
    if (draft) sessionStorage.setItem(key, JSON.stringify(draft));
    else sessionStorage.removeItem(key);
  } catch {
    // Without room the edit still stands on the page; leaving warns.
  }
}

/** True when there is something to lose. */
export function isDirty(draft: Draft): boolean {
  return (
    draft.text !== draft.original ||
    draft.title !== undefined ||
    draft.message !== '' ||
    draft.reviewers.length > 0
  );
}

/** Keeps an edit in the tab under a name, so that a reload does not lose it. */
export function useDraft(name: string, fresh: Draft): Drafting {
  const key = `mlops draft ${name}`;
  const [state, setState] = useState(() => {
    const kept = read(key);
    return kept
      ? { draft: kept, restored: isDirty(kept), over: false }
      : { draft: fresh, restored: false, over: false };
  });
  const { draft, over } = state;
  const dirty = !over && isDirty(draft);
  useEffect(() => keep(key, dirty ? draft : undefined), [key, draft, dirty]);
  const change = useCallback(
    (changes: Partial<Draft>) =>
      setState(before => ({
        ...before,
        draft: { ...before.draft, ...changes },
      })),
    [],
  );
  const done = useCallback(() => {
    keep(key);
    setState(before => ({ ...before, over: true }));
  }, [key]);
  const discard = () =>
    setState(before => ({
      restored: false,
      over: false,
      draft: {
        ...fresh,
        base: before.draft.base,
        original: before.draft.original,
        text: before.draft.original,
      },
    }));
  return { draft, restored: state.restored, dirty, change, discard, done };
}
