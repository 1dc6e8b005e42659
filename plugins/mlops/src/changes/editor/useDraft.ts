import { useCallback, useEffect, useState } from 'react';

/** Words about an edit that is not proposed yet. */
export interface DraftWords {
  /** Commit that the edit was made from. */
  base: string;
  /** Undefined while the suggested one stands. */
  title?: string;
  message: string;
  reviewers: string[];
  draft: boolean;
  trial: boolean;
}

/** An edit of one text. It is kept in the tab until it is proposed or thrown away. */
export interface Draft extends DraftWords {
  /** The text in git. */
  original: string;
  text: string;
}

/** A draft and what can be done with it. */
export interface Drafting<D extends DraftWords = Draft> {
  draft: D;
  /** True when it was found in the tab, from before a reload. */
  restored: boolean;
  dirty: boolean;
  change(changes: Partial<D>): void;
  /** Back to what git has. */
  discard(): void;
  /** It is in git now. */
  done(): void;
}

/** What a kind of edit knows of itself. */
export interface DraftKind<D extends DraftWords> {
  /** Whether anything differs from git. */
  isEdited(draft: D): boolean;
  /** The same edit with nothing edited. */
  reset(draft: D): Partial<D>;
}

const ofText: DraftKind<Draft> = {
  isEdited: draft => draft.text !== draft.original,
  reset: ({ base, original }) => ({ base, original, text: original }),
};

function read<D>(key: string): D | undefined {
  try {
    const kept = sessionStorage.getItem(key);
    return kept ? (JSON.parse(kept) as D) : undefined;
  } catch {
    // A browser that keeps nothing, or something else under our name.
    return undefined;
  }
}

function keep(key: string, draft?: DraftWords): void {
  try {
    if (draft) sessionStorage.setItem(key, JSON.stringify(draft));
    else sessionStorage.removeItem(key);
  } catch {
    // Without room the edit still stands on the page; leaving warns.
  }
}

// There is something to lose.
const isDirty = <D extends DraftWords>(draft: D, kind: DraftKind<D>) =>
  kind.isEdited(draft) ||
  draft.title !== undefined ||
  draft.message !== '' ||
  draft.reviewers.length > 0;

/** Keeps an edit of a text in the tab under a name, so that a reload does not lose it. */
export const useDraft = (name: string, fresh: Draft): Drafting =>
  useDraftOf(name, fresh, ofText);

/** The same for any kind of edit. */
export function useDraftOf<D extends DraftWords>(
  name: string,
  fresh: D,
  kind: DraftKind<D>,
): Drafting<D> {
  const key = `mlops draft ${name}`;
  const [state, setState] = useState(() => {
    const kept = read<D>(key);
    return kept
      ? { draft: kept, restored: isDirty(kept, kind), over: false }
      : { draft: fresh, restored: false, over: false };
  });
  const { draft, over } = state;
  const dirty = !over && isDirty(draft, kind);
  useEffect(() => keep(key, dirty ? draft : undefined), [key, draft, dirty]);
  const change = useCallback(
    (changes: Partial<D>) =>
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
      draft: { ...fresh, ...kind.reset(before.draft) },
    }));
  return { draft, restored: state.restored, dirty, change, discard, done };
}
