import type { Change } from '@backstage-mlops/mlops-core';

const pipelineFile = /\/pipelines\/([^/]+)\.ya?ml$/;

/** Names of the pipelines whose files a request touches, by the files' names; those with a status are left out on demand. */
export function pipelinesOf(
  { files }: Pick<Change, 'files'>,
  without?: Change['files'][number]['status'],
): string[] {
  return files
    .filter(({ status }) => status !== without)
    .flatMap(({ path }) => pipelineFile.exec(path)?.[1] ?? []);
}
