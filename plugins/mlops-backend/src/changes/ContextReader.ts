/* What checks and rules are given: a change at its head, and its project before and after. */
import {
  NotFoundError,
  type PullRequestDetail,
  type ReadProject,
} from '@backstage-mlops/mlops-core';
import type { GitopsIndex } from '../gitops/GitopsIndex';
import type { ChangeContext } from './ChangeCheck';
import type { ChangeFacts } from './ChangeStore';

/** Reads both sides of a change. */
export async function readContext(
  change: PullRequestDetail,
  facts: ChangeFacts,
  index: GitopsIndex,
  more: {
    by: string;
    attempt?: number;
    writers?: string[];
    mergesEverywhere?: boolean;
  },
): Promise<ChangeContext> {
  const at = (commit: string): Promise<ReadProject | undefined> =>
    index.readAt(facts.project, commit).catch(error => {
      if (error instanceof NotFoundError) return undefined;
      throw error;
    });
  const [before, after] = await Promise.all([at(change.base), at(change.head)]);
  const found = index.find(facts.project);
  const main = found?.read.project ? found.read : found?.lastGood?.read;
  return {
    change,
    project: facts.project,
    kind: facts.kind,
    ...(facts.promotion ? { promotion: facts.promotion } : {}),
    ...(facts.trial ? { trial: facts.trial } : {}),
    base: change.base,
    head: change.head,
    ...(before ? { before } : {}),
    ...(after ? { after } : {}),
    ...(main ? { main } : {}),
    by: more.by,
    writers: more.writers ?? [change.author],
    mergesEverywhere: more.mergesEverywhere ?? false,
    attempt: more.attempt ?? 1,
  };
}

/** The project that a pushed branch is about: the first whose files it changes. */
export function projectOf(
  files: { path: string }[],
  root: string,
): string | undefined {
  const folder = `${root ? `${root}/` : ''}ml-projects/`;
  return files
    .map(({ path }) =>
      path.startsWith(folder) ? path.slice(folder.length).split('/')[0] : '',
    )
    .find(name => /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name));
}
