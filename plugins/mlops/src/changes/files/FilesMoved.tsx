import { useApi } from '@backstage/core-plugin-api';
import type { ProjectFileList } from '@backstage-mlops/mlops-core';
import { useEffect, useState } from 'react';
import { mlopsApiRef } from '../../api/mlopsApiRef';
import { useResource } from '../../api/useResource';
import { useText } from '../../translation';
import { shortCommit } from '../../ui/figures';
import { KeptNote, MovedNote } from '../editor/MovedNote';
import type { Drafting } from '../editor/useDraft';
import type { FilesDraft } from './filesDraft';
import {
  hasMoved,
  rebaseFiles,
  type RebasedFiles,
  type Texts,
} from './rebaseFiles';

/** Says that edited files were changed by somebody else meanwhile, and puts the edit on what they are now. */
export function FilesMoved(props: {
  list: ProjectFileList;
  drafting: Drafting<FilesDraft>;
}) {
  const { list, drafting } = props;
  const { draft, change } = drafting;
  const { base, files } = draft;
  const { commit, folder } = list;
  const t = useText();
  const theirs = useTheirs(list, draft);
  const [kept, setKept] = useState<RebasedFiles & { commit: string }>();
  const moved = theirs !== undefined && hasMoved(files, theirs);
  useEffect(() => {
    // The branch went on, but not in these files: the edit stands as it is.
    if (theirs && !moved && commit !== base) change({ base: commit });
  }, [theirs, moved, commit, base, change]);
  if (moved)
    return (
      <MovedNote
        title={t('files.moved', {
          commit: shortCommit(commit),
          files: namesOf(
            folder,
            Object.keys(files)
              .filter(path => files[path].original !== theirs[path])
              .sort(),
          ),
        })}
        base={base}
        onKeep={() => {
          const rebased = rebaseFiles(files, theirs);
          change({ base: commit, files: rebased.files });
          setKept({ ...rebased, commit });
        }}
      />
    );
  if (!kept) return null;
  const { conflicts, conflictsIn, removedOrChanged } = kept;
  return (
    <KeptNote
      commit={kept.commit}
      left={[
        ...(conflicts > 0
          ? [
              t('files.conflicts', {
                count: conflicts,
                files: namesOf(folder, conflictsIn),
              }),
            ]
          : []),
        ...(removedOrChanged.length > 0
          ? [
              t('files.removedOrChanged', {
                files: namesOf(folder, removedOrChanged),
              }),
            ]
          : []),
      ]}
    />
  );
}

const namesOf = (folder: string, paths: string[]) =>
  paths.map(path => path.slice(folder.length + 1)).join(', ');

/** The edited files as the newest commit has them; undefined while the edit stands on it, or while they are fetched. */
function useTheirs(
  list: ProjectFileList,
  { base, files }: FilesDraft,
): Texts | undefined {
  const api = useApi(mlopsApiRef);
  const { project, commit, items, truncated } = list;
  const paths = Object.keys(files).sort();
  const here = new Set(items.map(({ path }) => path));
  const textOf = async (path: string) => {
    if (!truncated && !here.has(path)) return null;
    try {
      // What is no text can only be removed, and stands in the edit as an empty one.
      return (await api.getFile(project, path, commit)).text ?? '';
    } catch (error) {
      if ((error as { statusCode?: number }).statusCode === 404) return null;
      throw error;
    }
  };
  const { value } = useResource<Texts | null>({
    key: `theirs ${project} ${base} ${commit} ${paths.join('\n')}`,
    load: async () =>
      commit === base
        ? null
        : Object.fromEntries(
            await Promise.all(
              paths.map(async path => [path, await textOf(path)]),
            ),
          ),
    // A fetch that failed is tried again.
    againMs: found => (found === undefined ? 5_000 : undefined),
  });
  return value ?? undefined;
}
