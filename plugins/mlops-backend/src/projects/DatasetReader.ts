/* Datasets as pages and programs read them: what git says of them joined with what the runs reported. */
import {
  NotFoundError,
  type DatasetDetail,
  type DatasetReport,
} from '@backstage-mlops/mlops-core';
import type { TrackingService } from '@backstage-mlops/mlops-tracking';
import type { KnownProjects } from './KnownProjects';

export class DatasetReader {
  constructor(
    private readonly options: {
      known: KnownProjects;
      tracking: TrackingService;
    },
  ) {}

  async dataset(project: string, name: string): Promise<DatasetDetail> {
    const { known, tracking } = this.options;
    const dataset = known
      .shown(known.get(project))
      .datasets.find(item => item.name === name);
    if (!dataset)
      throw new NotFoundError(
        `Project '${project}' has no dataset '${name.slice(0, 100)}'.`,
        'not-found',
      );
    const run = await this.newestRun(project, name);
    const runIdOf = async (trackingRunId: string) =>
      tracking.runs
        .find(trackingRunId)
        .then(
          async row =>
            row &&
            (await tracking.runs.tags(row.id)).find(
              tag => tag.key === 'mlops.run',
            )?.value,
        );
    const history = await tracking.datasetHistory(project, name);
    const { metadata, spec } = dataset.value ?? {};
    return {
      project,
      name,
      title: metadata?.title,
      description: metadata?.description,
      licence: spec?.licence,
      sources: spec?.sources ?? [],
      schema: spec?.schema ?? [],
      splits: spec?.splits,
      declaredChecks: spec?.checks.map(check => check.name) ?? [],
      report:
        run &&
        (await tracking.readJson<DatasetReport>(
          run.run_uuid,
          `datasets/${name}/report.json`,
        )),
      runId: run && (await runIdOf(run.run_uuid)),
      history: await Promise.all(
        history.map(async ({ trackingRunId, ...item }) => ({
          ...item,
          runId: await runIdOf(trackingRunId),
        })),
      ),
    };
  }

  /** Tracking run that wrote the newest report of a dataset. */
  newestRun(project: string, name: string) {
    return this.options.tracking.latestRunWith(
      project,
      `datasets/${name}/report.json`,
    );
  }
}
