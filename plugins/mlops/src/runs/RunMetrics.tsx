import { useApi } from '@backstage/core-plugin-api';
import type { Run } from '@backstage-mlops/mlops-core';
import { useEffect } from 'react';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { useResource } from '../api/useResource';
import { useText } from '../translation';
import { Panel } from '../ui/Panel';
import { Curves } from './Curves';
import { isOver } from './runSentence';

/** Milliseconds between two looks at the curves of a training. */
const curvesAgainMs = 1_500;

/** Curves and values while a run goes on; nothing when its steps log none. */
export function RunMetrics({ run }: { run: Run }) {
  const api = useApi(mlopsApiRef);
  const t = useText();
  const over = isOver(run);
  const metrics = useResource({
    key: `metrics ${run.id}`,
    load: () => api.listMetrics(run.id),
    againMs: () => (over ? undefined : curvesAgainMs),
  });
  const { reload } = metrics;
  // Looked at once more when the run is over, so that no last value is missed.
  useEffect(() => {
    if (over) reload();
  }, [over, reload]);
  const series = (metrics.value?.items ?? []).filter(
    ({ points }) => points.length > 0,
  );
  if (series.length === 0) return null;
  return (
    <Panel title={t('run.metrics')}>
      <Curves series={series} />
    </Panel>
  );
}
