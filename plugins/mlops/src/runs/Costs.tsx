import { useApi } from '@backstage/core-plugin-api';
import type { Run } from '@backstage-mlops/mlops-core';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { useResource } from '../api/useResource';
import { useText } from '../translation';
import { bytes } from '../ui/figures';
import { Facts, Panel } from '../ui/Panel';
import { durationText } from '../ui/time';
import { isOver } from './runSentence';

/** What a run that is over cost, all attempts of its steps together. */
export function Costs({ run }: { run: Run }) {
  const api = useApi(mlopsApiRef);
  const t = useText();
  const over = isOver(run);
  const costs = useResource({
    key: `costs ${run.id} ${over}`,
    load: () => api.getCosts(run.id),
  });
  const total = costs.value?.total;
  if (!over || !total || costs.value?.items.length === 0) return null;
  const { cpuSeconds, peakMemoryBytes, writtenBytes } = total;
  const seconds = (value: number) => durationText(t, value * 1000);
  return (
    <Panel title={t('run.costs')}>
      <Facts
        items={[
          [t('run.stepTime'), seconds(total.wallSeconds)],
          [
            t('run.cpu'),
            cpuSeconds === undefined ? undefined : seconds(cpuSeconds),
          ],
          [
            t('run.memory'),
            peakMemoryBytes === undefined ? undefined : bytes(peakMemoryBytes),
          ],
          [
            t('run.written'),
            writtenBytes === undefined ? undefined : bytes(writtenBytes),
          ],
        ]}
      />
    </Panel>
  );
}
