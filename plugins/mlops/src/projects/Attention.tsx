import {
  RiErrorWarningFill,
  RiGitPullRequestLine,
  RiHistoryLine,
} from '@remixicon/react';
import type {
  ChangeSummary,
  ProjectSummary,
} from '@backstage-mlops/mlops-core';
import { useWaitingChanges } from '../changes/useOpenChanges';
import { useLinks } from '../routing';
import { useText } from '../translation';
import { nameOf, shortCommit } from '../ui/figures';
import { Panel } from '../ui/Panel';
import { agoText } from '../ui/time';
import { To } from '../ui/To';
import { troubleOf } from './attend';
import styles from './HomePage.module.css';

/** What a person should look at now: what is wrong, and what waits for them; nothing when there is neither. */
export function Attention({ items }: { items: ProjectSummary[] }) {
  const t = useText();
  const waiting = useWaitingChanges();
  const troubled = items.filter(item => troubleOf(item) !== undefined);
  const rewritten = items.filter(item => item.rewritten !== undefined);
  const isWrong = troubled.length + rewritten.length > 0;
  if (!isWrong && waiting.length === 0) return null;
  return (
    <Panel title={t('home.attention')} tone={isWrong ? 'danger' : undefined}>
      <ul className={styles.attention}>
        {troubled.map(item => (
          <li key={item.name}>
            <RiErrorWarningFill
              size={16}
              className={styles.wrong}
              aria-hidden
            />
            <TroubleLine item={item} />
          </li>
        ))}
        {rewritten.map(item => (
          <li key={`${item.name} rewritten`}>
            <RiHistoryLine size={16} className={styles.wrong} aria-hidden />
            <RewrittenLine item={item} />
          </li>
        ))}
        {waiting.map(change => (
          <li key={change.id}>
            <RiGitPullRequestLine size={16} aria-hidden />
            <WaitingLine change={change} />
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

function RewrittenLine({ item }: { item: ProjectSummary }) {
  const t = useText();
  const links = useLinks();
  const { branch, lostCommit, foundAt } = item.rewritten!;
  return (
    <span>
      <To href={links.project(item.name)}>{item.title}</To>
      {': '}
      {t('home.rewritten', {
        branch,
        commit: shortCommit(lostCommit),
        when: agoText(t, foundAt),
      })}
    </span>
  );
}

function WaitingLine({ change }: { change: ChangeSummary }) {
  const t = useText();
  const links = useLinks();
  return (
    <span>
      {t('home.waiting', {
        request: (
          <To href={links.change(change.id)}>
            {t('change.number', { id: change.id, title: change.title })}
          </To>
        ),
        who: nameOf(change.author),
        project: change.project,
      })}
    </span>
  );
}
