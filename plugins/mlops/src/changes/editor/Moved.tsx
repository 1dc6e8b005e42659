import type { Pipeline } from '@backstage-mlops/mlops-core';
import { useEffect, useState } from 'react';
import { useText } from '../../translation';
import { shortCommit } from '../../ui/figures';
import { KeptNote, MovedNote } from './MovedNote';
import type { Drafting } from './useDraft';

/** Says that the file was changed by somebody else while it was edited, and puts the edit on what it is now. */
export function Moved(props: { pipeline: Pipeline; drafting: Drafting }) {
  const { pipeline, drafting } = props;
  const { draft, change } = drafting;
  const t = useText();
  const [kept, setKept] = useState<{ commit: string; conflicts: number }>();
  const { commit, source } = pipeline;
  const moved = commit !== draft.base;
  const same = source === draft.original;
  useEffect(() => {
    // The branch went on, but not in this file: the edit stands as it is.
    if (moved && same) change({ base: commit });
    // Nothing was edited yet: the newest is what the reader wants to see.
    else if (moved && draft.text === draft.original)
      change({ base: commit, original: source, text: source });
  }, [moved, same, commit, source, change, draft.text, draft.original]);
  const keep = async () => {
    const { mergeTexts } = await import('./mergeTexts');
    const merged = mergeTexts(draft.original, draft.text, source);
    change({ base: commit, original: source, text: merged.text });
    setKept({ commit, conflicts: merged.conflicts });
  };
  if (moved && !same)
    return (
      <MovedNote
        title={t('editor.moved', { commit: shortCommit(commit) })}
        base={draft.base}
        onKeep={keep}
      />
    );
  if (!kept) return null;
  const { conflicts } = kept;
  return (
    <KeptNote
      commit={kept.commit}
      left={conflicts > 0 ? [t('editor.conflicts', { count: conflicts })] : []}
    />
  );
}
