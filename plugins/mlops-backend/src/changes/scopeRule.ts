/*
 * A request is of one project. What a branch touches of another one, or of no project at all, was looked at by none of its people,
 * checks and gates, so it cannot be merged. Files that all projects share are merged by somebody who may merge in each of them.
 */
import {
  InputError,
  type PullRequestDetail,
} from '@backstage-mlops/mlops-core';
import type { MergeRule } from './ChangeCheck';
import { allowedPaths, isShared } from './editFiles';
import type { GitComparison } from './GitComparison';

const shown = 5;

/** Paths of a change that are not its project's own. */
export interface Beyond {
  /** Of another project, or of none. */
  foreign: string[];
  /** Of all projects: templates for everybody, who owns what. */
  shared: string[];
}

/** Sorts out what is not the project's own. */
export function beyondOf(
  paths: string[],
  { root, project }: { root: string; project: string },
): Beyond {
  const isAllowed = allowedPaths(root, project);
  return {
    foreign: paths.filter(path => !isAllowed(path)),
    shared: paths.filter(path => isShared(root, path)),
  };
}

/** Refuses a branch that touches what is not its project's. */
export function checkBeyond(
  paths: string[],
  of: { root: string; project: string; branch: string },
): void {
  const { foreign } = beyondOf(paths, of);
  if (foreign.length > 0)
    throw new InputError(
      `branch '${of.branch}' cannot be a request of the project '${
        of.project
      }': ${foreignSentence(foreign)}`,
      'invalid-field',
    );
}

/** The rule of every merge, whoever pushed what in between. */
export function scopeRule(options: {
  root: string;
  comparison: Pick<GitComparison, 'paths'>;
}): MergeRule {
  return {
    async blockedBy({ change, project, mergesEverywhere }) {
      const paths = await pathsOf(change, options.comparison);
      const { foreign, shared } = beyondOf(paths, {
        root: options.root,
        project,
      });
      return [
        ...(foreign.length > 0 ? [foreignSentence(foreign)] : []),
        ...(shared.length > 0 && !mergesEverywhere
          ? [
              `It touches ${listed(
                shared,
              )}, which all projects share: somebody who may merge in every project has to merge it.`,
            ]
          : []),
      ];
    },
  };
}

// A commit that is only at another host yet is known by the files that the host tells.
async function pathsOf(
  { base, head, files }: PullRequestDetail,
  comparison: Pick<GitComparison, 'paths'>,
): Promise<string[]> {
  return comparison
    .paths(base, head)
    .catch(() => files.map(({ path }) => path));
}

const foreignSentence = (paths: string[]) =>
  `It touches ${listed(
    paths,
  )}, which is not of its project. A request changes the files of one project: take them out of the branch and open a request of their own.`;

const listed = (paths: string[]) =>
  paths
    .slice(0, shown)
    .map(path => `'${path.slice(0, 200)}'`)
    .join(', ') +
  (paths.length > shown ? ` and ${paths.length - shown} more` : '');
