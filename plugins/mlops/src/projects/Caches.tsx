import { useApi } from '@backstage/core-plugin-api';
import { Button } from '@backstage/ui';
import type { CachePage, ProjectDetail } from '@backstage-mlops/mlops-core';
import { useState } from 'react';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { useResource } from '../api/useResource';
import { useLinks } from '../routing';
import { useAction } from '../ui/useAction';
import { useText } from '../translation';
import { Fetched } from '../ui/Fetched';
import { Inline } from '../ui/Page';
import { Code, Note, Panel } from '../ui/Panel';
import { Judged } from '../ui/State';
import { Table } from '../ui/Table';
import { To } from '../ui/To';
import { When } from '../ui/When';

type CacheEntry = CachePage['items'][number];

/** Runs that used an entry and are named; there may be hundreds. */
const namedRuns = 3;

/** What steps of later runs take over instead of running: who made it, who used it, and a way to let it be made anew. */
export function Caches({ project }: { project: ProjectDetail }) {
  const { name } = project;
  const api = useApi(mlopsApiRef);
  const t = useText();
  const { act, busy, fault } = useAction();
  const [round, setRound] = useState(0);
  const caches = useResource({
    key: `caches ${name} ${round}`,
    load: () => api.listCaches(name),
  });
  const forget = (entry: CacheEntry) =>
    act(async () => {
      await api.forgetCache(name, entry);
      setRound(round + 1);
    });
  return (
    <Panel title={t('cache.title')}>
      <Fetched of={caches} what={t('cache.what')}>
        {({ items }) => (
          <>
            <Note>{t(items.length > 0 ? 'cache.about' : 'cache.none')}</Note>
            {fault && <Judged as="bad">{fault}</Judged>}
            {items.length > 0 && (
              <Table
                cards
                label={t('cache.title')}
                columns={[
                  t('cache.entry'),
                  t('cache.filledBy'),
                  t('cache.usedBy'),
                  ...(project.allowed.control ? [t('cache.action')] : []),
                ]}
                rows={items.map(entry => ({
                  key: `${entry.cacheName} ${entry.key}`,
                  cells: [
                    <Entry entry={entry} />,
                    <FilledBy entry={entry} />,
                    <UsedBy entry={entry} />,
                    ...(project.allowed.control
                      ? [
                          <Inline>
                            <Button
                              variant="secondary"
                              isDisabled={busy}
                              aria-label={t('cache.forgetThis', {
                                key: entry.key,
                              })}
                              onPress={() => forget(entry)}
                            >
                              {t('cache.forget')}
                            </Button>
                          </Inline>,
                        ]
                      : []),
                  ],
                }))}
              />
            )}
          </>
        )}
      </Fetched>
    </Panel>
  );
}

function Entry({ entry }: { entry: CacheEntry }) {
  return (
    <div>
      <Code>{entry.key}</Code>
      <br />
      {entry.cacheName}
    </div>
  );
}

function FilledBy({ entry }: { entry: CacheEntry }) {
  const links = useLinks();
  const { run, node } = entry.filledBy;
  return (
    <div>
      <To href={links.run(run, { node })}>{run}</To>
      <br />
      <When at={entry.createdAt} />
    </div>
  );
}

function UsedBy({ entry }: { entry: CacheEntry }) {
  const t = useText();
  const links = useLinks();
  const { usedBy, lastHitAt } = entry;
  if (usedBy.length === 0) return <>{t('cache.unused')}</>;
  return (
    <div>
      {usedBy.slice(0, namedRuns).map(({ run }) => (
        <div key={run}>
          <To href={links.run(run)}>{run}</To>
        </div>
      ))}
      {usedBy.length > namedRuns && (
        <div>
          {t('cache.more', { number: String(usedBy.length - namedRuns) })}
        </div>
      )}
      {lastHitAt && <When at={lastHitAt} />}
    </div>
  );
}
