import { Link } from '@backstage/ui';
import type { RunSummary } from '@backstage-mlops/mlops-core';
import { useLinks } from '../routing';
import { useText } from '../translation';
import { toneOf } from '../ui/State';
import { durationText, elapsedMs } from '../ui/time';
import styles from './RunBars.module.css';
import { toRunState } from './RunState';

function tookMs(run: RunSummary): number {
  return run.startedAt ? elapsedMs(run.startedAt, run.finishedAt) : 0;
}

/** The last runs as bars, oldest first: height is duration; colour and pattern are the state. */
export function RunBars(props: { runs: RunSummary[]; small?: boolean }) {
  const t = useText();
  const links = useLinks();
  const runs = [...props.runs].reverse();
  const top = runs.reduce((most, run) => Math.max(most, tookMs(run)), 1);
  return (
    <div
      className={`${styles.bars} ${props.small ? styles.small : ''}`}
      role="group"
      aria-label={t('runs.bars')}
    >
      {runs.map(run => {
        const { phase, word } = toRunState(t, run);
        const failed = phase === 'Failed' || phase === 'Error';
        const text = t('runs.bar', {
          run: run.id,
          state: word,
          duration: durationText(t, tookMs(run)),
        });
        return (
          <Link
            key={run.id}
            href={links.run(run.id)}
            className={`${styles.place} ${toneOf(phase)}`}
            aria-label={text}
            title={text}
          >
            <span
              className={`${styles.bar} ${failed ? styles.failed : ''}`}
              style={{ height: `${Math.max(12, (tookMs(run) / top) * 100)}%` }}
            />
          </Link>
        );
      })}
    </div>
  );
}
