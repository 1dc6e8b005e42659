import { useApi } from '@backstage/core-plugin-api';
import type { Run, RunCosts } from '@backstage-mlops/mlops-core';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { useResource } from '../api/useResource';
import { useText } from '../translation';
import { bytes } from '../ui/figures';
import { Facts, Panel } from '../ui/Panel';
import { Table } from '../ui/Table';
import { durationText } from '../ui/time';
import { money } from './money';
import { isOver } from './runSentence';

type Item = RunCosts['items'][number];

const priceText = (price: number | undefined, currency: string | undefined) =>
  price === undefined || !currency ? undefined : money(price, currency);

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
  const { items, currency } = costs.value!;
  const { cpuSeconds, peakMemoryBytes, writtenBytes } = total;
  // What a step used, beside what its template asked for.
  const memoryText = ({ peakMemoryBytes: used, requests }: Item) => {
    if (used === undefined) return '';
    const asked = requests?.memoryBytes;
    return asked
      ? t('run.asked', { used: bytes(used), asked: bytes(asked) })
      : bytes(used);
  };
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
          [t('run.price'), priceText(total.price, currency)],
        ]}
      />
      <details>
        <summary>{t('run.costRows')}</summary>
        <Table
          cards
          label={t('run.costRows')}
          columns={[
            t('run.costStep'),
            { title: t('run.took'), figures: true },
            { title: t('run.cpu'), figures: true },
            { title: t('run.memory'), figures: true },
            { title: t('run.written'), figures: true },
            ...(currency ? [{ title: t('run.price'), figures: true }] : []),
          ]}
          rows={items.map(item => ({
            key: `${item.node} ${item.attempt}`,
            cells: [
              item.attempt === 0
                ? item.displayName
                : t('run.timelineAttempt', {
                    name: item.displayName,
                    number: String(item.attempt + 1),
                  }),
              seconds(item.wallSeconds),
              item.cpuSeconds === undefined ? '' : seconds(item.cpuSeconds),
              memoryText(item),
              item.writtenBytes === undefined ? '' : bytes(item.writtenBytes),
              ...(currency ? [priceText(item.price, currency) ?? ''] : []),
            ],
          }))}
        />
      </details>
    </Panel>
  );
}
