import { RiErrorWarningFill } from '@remixicon/react';
import type { ProjectSummary } from '@backstage-mlops/mlops-core';
import { useLinks } from '../routing';
import { useText } from '../translation';
import { Panel } from '../ui/Panel';
import { agoText } from '../ui/time';
import { To } from '../ui/To';
import { troubleOf } from './attend';
import styles from './HomePage.module.css';

/** What a person should look at now; nothing when all is well. */
export function Attention({ items }: { items: ProjectSummary[] }) {
  const t = useText();
  const troubled = items.filter(item => troubleOf(item) !== undefined);
  if (troubled.length === 0) return null;
  return (
    <Panel title={t('home.attention')} tone="danger">
      <ul className={styles.attention}>
        {troubled.map(item => (
          <li key={item.name}>
            <RiErrorWarningFill size={16} aria-hidden />
            <TroubleLine item={item} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function TroubleLine({ item }: { item: ProjectSummary }) {
  const t = useText();
  const links = useLinks();
  const errors = item.problems.filter(({ severity }) => severity === 'error');
  const run = item.lastRun;
  const faulty = troubleOf(item) === 'faulty';
  return (
    <span>
      <To href={links.project(item.name)}>{item.title}</To>
      {': '}
      {faulty &&
        t('home.faults', {
          count: errors.length,
          first: errors[0]?.message ?? '',
        })}
      {!faulty &&
        run &&
        t('home.failed', {
          run: <To href={links.run(run.id)}>{run.id}</To>,
          when: agoText(t, run.finishedAt ?? run.createdAt),
        })}
    </span>
  );
}
