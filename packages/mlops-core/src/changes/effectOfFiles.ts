/*
 * The effect of edits, from files alone: all of it is plain data, so that it may be worked out elsewhere than where it is asked for.
 */
import { readProject, type ProjectFile } from '../projects/readProject';
import {
  readShared,
  toSharedFiles,
  type SharedData,
} from '../projects/readShared';
import type { Effect } from './Change';
import { effectOf, type EffectInput } from './effectOf';

/** Files of one side of a change; paths are those in their folder. @public */
export interface EffectSide {
  /** Empty when the project is not there. */
  project: ProjectFile[];
  /** What all projects share, as files or as it was read of them. */
  shared: ProjectFile[] | SharedData;
}

/** @see effectOfFiles @public */
export interface EffectSources
  extends Omit<EffectInput, 'before' | 'after' | 'sharedProblems'> {
  folders: { project: string; shared: string };
  before: EffectSide;
  after: EffectSide;
}

/** What the edits would do. Never throws for what stands in files. @public */
export function effectOfFiles(sources: EffectSources): Effect {
  const { folders, before, after, ...rest } = sources;
  const read = ({ project, shared }: EffectSide) => {
    const common = Array.isArray(shared)
      ? readShared(folders.shared, shared)
      : toSharedFiles(shared);
    return {
      project:
        project.length > 0
          ? readProject(folders.project, project, common)
          : undefined,
      problems: Array.isArray(shared) ? common.problems : [],
    };
  };
  const now = read(after);
  return effectOf({
    ...rest,
    before: read(before).project,
    after: now.project,
    sharedProblems: now.problems,
  });
}
