import { useApi } from '@backstage/core-plugin-api';
import { Button } from '@backstage/ui';
import type { ActivityItem } from '@backstage-mlops/mlops-core';
import {
  RiArrowGoBackLine,
  RiGitCommitLine,
  RiGitPullRequestLine,
  RiHistoryLine,
  RiMedalLine,
  RiPlayCircleLine,
} from '@remixicon/react';
import { useState } from 'react';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { listAgainMs } from '../api/useLiveRuns';
import { useResource } from '../api/useResource';
import { useLinks } from '../routing';
import { useAction } from '../ui/useAction';
import { useText } from '../translation';
import { Fetched } from '../ui/Fetched';
import { nameOf, shortCommit } from '../ui/figures';
import { Code, Note, Panel } from '../ui/Panel';
import { Judged, State, type ShownPhase } from '../ui/State';
import { agoText } from '../ui/time';
import { To } from '../ui/To';
import styles from './ActivityList.module.css';
import { RevertButton } from './RevertButton';

const icons = {
  commit: RiGitCommitLine,
  change: RiGitPullRequestLine,
  run: RiPlayCircleLine,
  promotion: RiMedalLine,
  rollback: RiArrowGoBackLine,
  rewrite: RiHistoryLine,
} as const;

/** What happened in a project or to a model, newest first, with who and why. */
export function ActivityList(props: { project: string; model?: string }) {
  const { project, model } = props;
  const api = useApi(mlopsApiRef);
  const t = useText();
  const [older, setOlder] = useState<ActivityItem[]>([]);
  const [cursor, setCursor] = useState<string>();
  const { act, busy, fault } = useAction();
  const first = useResource({
    key: `activity ${project} ${model}`,
    load: () => api.listActivity({ project, model }),
    againMs: () => (older.length > 0 ? undefined : listAgainMs),
  });
  const next = older.length > 0 ? cursor : first.value?.nextCursor;
  const more = () =>
    act(async () => {
      const page = await api.listActivity({ project, model, cursor: next });
      setOlder(before => [...before, ...page.items]);
      setCursor(page.nextCursor);
    });
  return (
    <Panel title={t('activity.title')}>
      <Fetched of={first} what={t('activity.what')}>
        {({ items }) =>
          items.length === 0 ? (
            <Note>{t('activity.none')}</Note>
          ) : (
            <ol className={styles.list}>
              {[...items, ...older].map(item => (
                <Item
                  key={[
                    item.kind,
                    item.commit,
                    item.change,
                    item.run,
                    item.at,
                  ].join()}
                  project={project}
                  item={item}
                />
              ))}
            </ol>
          )
        }
      </Fetched>
      {fault && <Judged as="bad">{fault}</Judged>}
      {next && (
        <div>
          <Button variant="secondary" isDisabled={busy} onPress={more}>
            {t('activity.older')}
          </Button>
        </div>
      )}
    </Panel>
  );
}

const phases = ['Pending', 'Running', 'Succeeded', 'Failed', 'Error'];

function Item({ project, item }: { project: string; item: ActivityItem }) {
  const t = useText();
  const links = useLinks();
  const Icon = icons[item.kind];
  const title = <strong>{item.title}</strong>;
  return (
    <li className={styles.item}>
      <Icon size={18} className={styles.icon} aria-hidden />
      <div>
        <div className={styles.head}>
          <span className={styles.kind}>{t(`activity.kind.${item.kind}`)}</span>
          {item.run ? <To href={links.run(item.run)}>{title}</To> : title}
          {item.phase && phases.includes(item.phase) && (
            <State phase={item.phase as ShownPhase} />
          )}
        </div>
        {item.why && <div className={styles.quiet}>{item.why}</div>}
        <div className={`${styles.quiet} ${styles.links}`}>
          <span>
            {t('activity.by', {
              who: nameOf(item.by),
              when: agoText(t, item.at),
            })}
          </span>
          {item.change && (
            <To href={links.change(item.change)}>
              {t('activity.request', { change: item.change })}
            </To>
          )}
          {item.commit && !item.run && (
            <Code whole>{shortCommit(item.commit)}</Code>
          )}
        </div>
      </div>
      {item.revertible && item.commit ? (
        <RevertButton project={project} commit={item.commit} />
      ) : (
        <span />
      )}
    </li>
  );
}
