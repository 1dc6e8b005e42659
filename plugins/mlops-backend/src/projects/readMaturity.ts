import {
  maturityOf,
  NotFoundError,
  type Maturity,
} from '@backstage-mlops/mlops-core';
import type { GitopsIndex } from '../gitops/GitopsIndex';
import type { GitHistory } from '../gitops/GitHistory';
import type { RunStore } from '../runs/RunStore';

export interface ReadMaturityOptions {
  index: GitopsIndex;
  history: Pick<GitHistory, 'isAncestor' | 'pathsBelow'>;
  runs: Pick<RunStore, 'list' | 'newestFired'>;
}

const testFile =
  /(^|\/)(test|tests|__tests__)\/.+\.[cm]?[jt]sx?$|\.(test|spec)\.[cm]?[jt]sx?$|(^|\/)test_[^/]+\.py$|_test\.py$/;

/** Gathers what git and the runs show of a project, and says its level. */
export async function readMaturity(
  name: string,
  options: ReadMaturityOptions,
): Promise<Maturity> {
  const { index, history, runs } = options;
  const found = index.find(name);
  if (!found)
    throw new NotFoundError(
      `There is no project '${name.slice(0, 100)}'.`,
      'not-found',
    );
  const { read, commit } = found;
  const texts = new Map<string, string>();
  for (const { file } of [...read.models, ...read.datasets]) {
    const text = await index.readText(file, commit).catch(() => undefined);
    if (text !== undefined) texts.set(file, text);
  }
  const tests = (await history.pathsBelow(commit, read.path)).filter(path =>
    testFile.test(path),
  );
  return maturityOf({
    read,
    goodRun: await goodRun(name, commit, options),
    firedRun: await runs.newestFired(name),
    tests,
    textOf: file => texts.get(file),
  });
}

async function goodRun(
  project: string,
  main: string,
  { runs, history }: ReadMaturityOptions,
) {
  const { items } = await runs.list({
    project,
    phases: ['Succeeded'],
    sort: 'newest',
    limit: 50,
  });
  const checked = new Map<string, boolean>();
  for (const run of items) {
    if (run.trigger.kind === 'change') continue;
    if (!checked.has(run.commit))
      checked.set(run.commit, await history.isAncestor(run.commit, main));
    if (checked.get(run.commit))
      return {
        id: run.id,
        pipeline: run.pipeline,
        finishedAt: run.finishedAt ?? run.createdAt,
      };
  }
  return undefined;
}
