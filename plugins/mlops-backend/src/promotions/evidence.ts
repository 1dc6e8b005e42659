/* What is known of a version, as gates and people judge it. Files of a version were written by a stranger's step. */
import type {
  EvaluationPrediction,
  EvaluationReport,
  ModelVersionDetail,
  PromotionPreview,
  PromotionSide,
  VersionEvidence,
} from '@backstage-mlops/mlops-core';

const isNumber = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value);

/** Metrics of a version with their intervals: the held-out data say more than what a step logged on its way. */
export function evidenceOf(detail: ModelVersionDetail): VersionEvidence {
  const metrics: VersionEvidence['metrics'] = { ...detail.metrics };
  const intervals: VersionEvidence['intervals'] = {};
  for (const item of listOf(detail.evaluation?.metrics)) {
    const { name, value, interval } = item;
    if (typeof name !== 'string' || !isNumber(value)) continue;
    metrics[name] = value;
    if (isNumber(interval?.lower) && isNumber(interval?.upper))
      intervals[name] = { lower: interval.lower, upper: interval.upper };
  }
  return { version: detail.version, metrics, intervals };
}

const listOf = <T>(value: T[] | undefined): any[] =>
  Array.isArray(value)
    ? value.filter(item => typeof item === 'object' && item !== null)
    : [];

/** One version as the promotion shows it. */
export function sideOf(detail: ModelVersionDetail): PromotionSide {
  const { metrics, intervals } = evidenceOf(detail);
  return {
    version: detail.version,
    digest: detail.digest,
    createdAt: detail.createdAt,
    ...(detail.runId && { runId: detail.runId }),
    ...(detail.commit && { commit: detail.commit }),
    sizeBytes: detail.sizeBytes,
    metrics,
    intervals,
    parameters: detail.parameters,
    ...(detail.dataset && { dataset: detail.dataset }),
    slices: slicesOf(detail.evaluation),
  };
}

function slicesOf(
  evaluation: EvaluationReport | undefined,
): PromotionSide['slices'] {
  return listOf(evaluation?.slices)
    .filter(slice => isNumber(slice.metricValue))
    .slice(0, 500)
    .map(slice => ({
      feature: String(slice.feature),
      value: String(slice.value),
      examples: Number(slice.examples) || 0,
      metric: String(slice.metric),
      metricValue: slice.metricValue,
    }));
}

/** Answers of a version to its held-out examples, by example. */
export function predictionsOf(
  parsed: unknown,
): Map<string, EvaluationPrediction> | undefined {
  if (!Array.isArray(parsed)) return undefined;
  return new Map(
    listOf(parsed)
      .filter(
        ({ id, truth, prediction }) =>
          typeof id === 'string' &&
          truth !== undefined &&
          prediction !== undefined,
      )
      .map(item => [item.id, item]),
  );
}

const shownDisagreements = 60;

/** Examples that both versions were asked and answered differently. */
export function disagreementsOf(
  champion: { version: string; answers: Map<string, EvaluationPrediction> },
  candidate: { version: string; answers: Map<string, EvaluationPrediction> },
): Pick<PromotionPreview, 'disagreements' | 'disagreement'> {
  let inputs = 0;
  const all: PromotionPreview['disagreements'] = [];
  for (const [id, now] of candidate.answers) {
    const before = champion.answers.get(id);
    if (!before) continue;
    inputs += 1;
    if (before.prediction === now.prediction) continue;
    const pictured = [
      { ...candidate, path: now.path },
      { ...champion, path: before.path },
    ].find(({ path }) => typeof path === 'string');
    const note = now.note ?? before.note;
    all.push({
      id,
      ...(pictured && {
        path: pictured.path,
        version: pictured.version,
      }),
      truth: String(now.truth),
      champion: String(before.prediction),
      candidate: String(now.prediction),
      ...(typeof note === 'string' && { note: note.slice(0, 500) }),
    });
  }
  return {
    disagreements: all.slice(0, shownDisagreements),
    disagreement: { inputs, different: all.length },
  };
}
