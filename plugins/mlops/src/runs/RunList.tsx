import { useApi } from '@backstage/core-plugin-api';
import { Button, SearchField, Select } from '@backstage/ui';
import { useState } from 'react';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { listAgainMs, useLiveRuns } from '../api/useLiveRuns';
import { useResource } from '../api/useResource';
import { useQuery } from '../routing';
import { useText } from '../translation';
import { Fetched } from '../ui/Fetched';
import { Note, Panel } from '../ui/Panel';
import styles from './RunList.module.css';
import { RunTable } from './RunTable';

const any = 'any';
const phases = ['Pending', 'Running', 'Succeeded', 'Failed', 'Error'] as const;
const pageSize = 25;
/** What one request may ask for. */
const most = 200;

/** Runs of a project, with filters that stand in the address. */
export function RunList(props: { project: string; pipelines: string[] }) {
  const { project, pipelines } = props;
  const api = useApi(mlopsApiRef);
  const t = useText();
  const [query] = useQuery();
  const [limit, setLimit] = useState(pageSize);
  const filter = {
    pipeline: query.get('pipeline') ?? undefined,
    phase: query.get('phase') ?? undefined,
    text: query.get('text') ?? undefined,
  };
  const runs = useLiveRuns(
    useResource({
      key: JSON.stringify([project, filter, limit]),
      load: () => api.listRuns({ project, ...filter, limit: String(limit) }),
      againMs: () => listAgainMs,
    }),
  );
  const filtered = Object.values(filter).some(Boolean);
  return (
    <Panel>
      <RunFilters pipelines={pipelines} />
      <Fetched of={runs} what={t('what.runs')}>
        {({ items, nextCursor }) => (
          <>
            {items.length > 0 ? (
              <RunTable runs={items} />
            ) : (
              <Note>{filtered ? t('runs.none') : t('runs.empty')}</Note>
            )}
            {nextCursor && limit < most && (
              <Button
                variant="secondary"
                onPress={() => setLimit(Math.min(most, limit * 2))}
              >
                {t('runs.more')}
              </Button>
            )}
          </>
        )}
      </Fetched>
    </Panel>
  );
}

function RunFilters({ pipelines }: { pipelines: string[] }) {
  const t = useText();
  const [query, change] = useQuery();
  const choose = (name: string) => (key: unknown) =>
    change({ [name]: key === any ? undefined : String(key) });
  return (
    <div className={styles.filters} role="search">
      <SearchField
        aria-label={t('runs.search')}
        placeholder={t('runs.search')}
        value={query.get('text') ?? ''}
        onChange={text => change({ text })}
      />
      <Select
        aria-label={t('runs.columns.pipeline')}
        value={query.get('pipeline') ?? any}
        onChange={choose('pipeline')}
        options={[
          { id: any, label: t('runs.anyPipeline') },
          ...pipelines.map(name => ({ id: name, label: name })),
        ]}
      />
      <Select
        aria-label={t('runs.columns.state')}
        value={query.get('phase') ?? any}
        onChange={choose('phase')}
        options={[
          { id: any, label: t('runs.anyPhase') },
          ...phases.map(phase => ({ id: phase, label: t(`phase.${phase}`) })),
        ]}
      />
    </div>
  );
}
