import type { Run } from '@backstage-mlops/mlops-core';
import type { MlopsClient } from '../api/MlopsClient';
import { elapsedMs } from '../ui/time';
import type { RunSide } from './compareSides';

/** Fetches what a run brought and took: its metrics, those of the versions that it registered, its price. */
export async function loadSide(
  api: MlopsClient,
  project: string,
  run: Run,
): Promise<RunSide> {
  const [{ items }, versions, costs] = await Promise.all([
    api.listMetrics(run.id),
    loadVersions(api, project, run.id),
    api.getCosts(run.id),
  ]);
  const metrics: RunSide['metrics'] = {};
  // Candidates of a run have metrics of their own, which are not what the run came to.
  for (const { key, points, trackingRunId } of items)
    if (trackingRunId === run.trackingRunId && points.length > 0)
      metrics[key] = { value: points[points.length - 1].value };
  for (const { evaluation } of versions)
    for (const { name, value, interval } of evaluation?.metrics ?? [])
      metrics[name] = { value, ...(interval ? { interval } : {}) };
  const from = run.startedAt ?? run.createdAt;
  return {
    run: run.id,
    metrics,
    seconds: elapsedMs(from, run.finishedAt) / 1000,
    price: costs.total?.price,
    currency: costs.currency,
    primary: versions.find(({ primary }) => primary)?.primary,
  };
}

/** The versions that a run registered, with what the held-out data said of them. */
async function loadVersions(api: MlopsClient, project: string, run: string) {
  const { models } = await api.getProject(project);
  const found = await Promise.all(
    models.map(async ({ name }) => {
      const model = await api.getModel(project, name);
      const version = model.versions.find(({ runId }) => runId === run);
      if (!version) return undefined;
      const detail = await api.getVersion(project, name, version.version);
      return { evaluation: detail.evaluation, primary: model.primaryMetric };
    }),
  );
  return found.filter(item => item !== undefined);
}
