import { useApi } from '@backstage/core-plugin-api';
import type { RunEstimate, Spread } from '@backstage-mlops/mlops-core';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { useResource } from '../api/useResource';
import { useText } from '../translation';
import { Facts, Note, Panel } from '../ui/Panel';
import { durationText } from '../ui/time';
import { money } from './money';

/** What a run will probably take, by the last ones of its pipeline. */
export function Estimate(props: { project: string; pipeline: string }) {
  const { project, pipeline } = props;
  const api = useApi(mlopsApiRef);
  const t = useText();
  const { value } = useResource({
    key: `estimate ${project} ${pipeline}`,
    load: () => api.getEstimate(project, pipeline),
  });
  if (!value) return null;
  const { estimate } = value;
  return (
    <Panel title={t('estimate.title')}>
      {estimate ? (
        <EstimateFacts of={estimate} />
      ) : (
        <Note>{t('estimate.none')}</Note>
      )}
    </Panel>
  );
}

/** Time and price of a run by earlier ones, and how many these were. */
export function EstimateFacts({ of: estimate }: { of: RunEstimate }) {
  const t = useText();
  const range = (spread: Spread, say: (figure: number) => string) =>
    t('estimate.range', {
      median: say(spread.median),
      low: say(spread.low),
      high: say(spread.high),
    });
  const time = (seconds: number) => durationText(t, seconds * 1000);
  const { seconds, cpuSeconds, price, currency } = estimate;
  return (
    <>
      <Facts
        items={[
          [t('estimate.time'), range(seconds, time)],
          [t('run.cpu'), cpuSeconds && range(cpuSeconds, time)],
          [
            t('run.price'),
            price &&
              currency &&
              range(price, amount => money(amount, currency)),
          ],
        ]}
      />
      <Note>{t('estimate.basis', { count: estimate.runs })}</Note>
    </>
  );
}
