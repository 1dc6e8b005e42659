import { useApi } from '@backstage/core-plugin-api';
import { Button, Select } from '@backstage/ui';
import type { ChangeSummary } from '@backstage-mlops/mlops-core';
import { useState } from 'react';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { listAgainMs } from '../api/useLiveRuns';
import { useResource } from '../api/useResource';
import { useLinks, useQuery } from '../routing';
import { useText } from '../translation';
import { nameOf } from '../ui/figures';
import { Fetched } from '../ui/Fetched';
import { Note, Panel } from '../ui/Panel';
import { Judged } from '../ui/State';
import { Table } from '../ui/Table';
import { To } from '../ui/To';
import { When } from '../ui/When';
import styles from './ChangeList.module.css';
import { ChangeState, CheckState } from './ChangeState';
import { LooseBranches } from './LooseBranches';
import { useLiveChanges } from './useLiveChanges';

const states = ['open', 'merged', 'closed', 'all'] as const;
const pageSize = 25;
/** What one request may ask for. */
const most = 200;

/** Requests of a project, or of all; the state that is asked for stands in the address. */
export function ChangeList({ project }: { project?: string }) {
  const api = useApi(mlopsApiRef);
  const t = useText();
  const [query, change] = useQuery();
  const [limit, setLimit] = useState(pageSize);
  const state = states.find(name => name === query.get('state')) ?? 'open';
  const found = useLiveChanges(
    useResource({
      key: JSON.stringify(['changes', project, state, limit]),
      load: () =>
        api.listChanges({
          project,
          state: state === 'all' ? undefined : state,
          limit: String(limit),
        }),
      againMs: () => listAgainMs,
    }),
  );
  return (
    <>
      <Panel>
        <div className={styles.filters} role="search">
          <Select
            aria-label={t('changes.state')}
            value={state}
            onChange={key => change({ state: String(key) })}
            options={states.map(id => ({
              id,
              label: t(`changes.states.${id}`),
            }))}
          />
        </div>
        <Fetched of={found} what={t('what.changes')}>
          {({ items, nextCursor }) => (
            <>
              {items.length > 0 ? (
                <ChangeTable items={items} named={project === undefined} />
              ) : (
                <Note>
                  {t(
                    state === 'open' || state === 'all'
                      ? 'changes.empty'
                      : 'changes.none',
                  )}
                </Note>
              )}
              {nextCursor && limit < most && (
                <Button
                  variant="secondary"
                  onPress={() => setLimit(Math.min(most, limit * 2))}
                >
                  {t('changes.more')}
                </Button>
              )}
            </>
          )}
        </Fetched>
      </Panel>
      <LooseBranches project={project} />
    </>
  );
}

function ChangeTable(props: { items: ChangeSummary[]; named: boolean }) {
  const { items, named } = props;
  const t = useText();
  const links = useLinks();
  return (
    <Table
      cards
      label={t('changes.label')}
      columns={[
        t('changes.columns.state'),
        t('changes.columns.title'),
        ...(named ? [t('changes.columns.project')] : []),
        t('changes.columns.checks'),
        t('changes.columns.by'),
        t('changes.columns.updated'),
      ]}
      rows={items.map(item => ({
        key: item.id,
        cells: [
          <ChangeState of={item} />,
          <span className={styles.title}>
            <To href={links.change(item.id)}>
              {t('change.number', { id: item.id, title: item.title })}
            </To>
            {item.kind !== 'change' && (
              <Judged as="quiet"> {t(`changes.kinds.${item.kind}`)}</Judged>
            )}
          </span>,
          ...(named
            ? [<To href={links.project(item.project)}>{item.project}</To>]
            : []),
          <CheckState of={item.checksState} />,
          nameOf(item.author),
          <When at={item.updatedAt} />,
        ],
      }))}
    />
  );
}
