import { useApi } from '@backstage/core-plugin-api';
import { Alert, Button } from '@backstage/ui';
import type { SyncItem, SyncPage } from '@backstage-mlops/mlops-core';
import { useState } from 'react';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { listAgainMs } from '../api/useLiveRuns';
import { useResource } from '../api/useResource';
import { useAction } from '../ui/useAction';
import { useText, type Text } from '../translation';
import { Fetched } from '../ui/Fetched';
import { shortCommit } from '../ui/figures';
import { Inline } from '../ui/Page';
import { Code, Note, Panel } from '../ui/Panel';
import { Table } from '../ui/Table';
import { agoText } from '../ui/time';
import { When } from '../ui/When';
import { SyncState } from './SyncState';

/** What git asks for and how each thing stands; of a whole project or of one model. */
export function SyncPanel(props: { project: string; model?: string }) {
  const { project, model } = props;
  const api = useApi(mlopsApiRef);
  const t = useText();
  const page = useResource({
    key: `sync ${project}`,
    load: () => api.getSync(project),
    againMs: () => listAgainMs,
  });
  const items = (page.value?.items ?? []).filter(
    item => model === undefined || item.model === model,
  );
  if (model !== undefined && page.value && items.length === 0) return null;
  return (
    <Panel
      title={t('sync.title')}
      actions={
        page.value?.allowed.sync && (
          <SyncNow project={project} onDone={page.reload} />
        )
      }
    >
      <Fetched of={page} what={t('sync.what')}>
        {value => <Items page={{ ...value, items }} />}
      </Fetched>
    </Panel>
  );
}

function SyncNow({ project, onDone }: { project: string; onDone(): void }) {
  const api = useApi(mlopsApiRef);
  const t = useText();
  const { act, busy, fault } = useAction();
  return (
    <Inline>
      {fault && <Alert status="danger" icon title={fault} />}
      <Button
        size="small"
        variant="secondary"
        isDisabled={busy}
        onPress={() =>
          act(async () => {
            await api.syncNow(project);
            onDone();
          })
        }
      >
        {t('sync.now')}
      </Button>
    </Inline>
  );
}

const nameOf = (t: Text, { kind, name, model }: SyncItem) =>
  t(`sync.${kind}`, { name, model: model ?? '' });

function Items({ page }: { page: SyncPage }) {
  const t = useText();
  const [all, setAll] = useState(false);
  const open = page.items.filter(({ state }) => state !== 'Synced');
  const good = page.items.length - open.length;
  const shown = all ? page.items : open;
  if (page.items.length === 0) return <Note>{t('sync.nothing')}</Note>;
  return (
    <>
      <Inline>
        {open.length === 0 && <SyncState state="Synced" />}
        {good > 0 && <span>{t('sync.all', { count: good })}</span>}
        <Note>{t('sync.looked', { when: agoText(t, page.lookedAt) })}</Note>
        {good > 0 && (
          <Button
            size="small"
            variant="tertiary"
            aria-expanded={all}
            onPress={() => setAll(!all)}
          >
            {t(all ? 'sync.showOpen' : 'sync.showAll')}
          </Button>
        )}
      </Inline>
      {shown.length > 0 && (
        <Table
          cards
          label={t('sync.title')}
          columns={[
            t('sync.thing'),
            t('sync.stateColumn'),
            t('sync.field'),
            t('sync.desired'),
            t('sync.actual'),
            t('sync.message'),
            t('sync.since'),
            t('sync.commit'),
          ]}
          rows={shown.map(item => ({
            key: `${item.kind} ${item.model} ${item.name}`,
            cells: [
              nameOf(t, item),
              <SyncState state={item.state} />,
              item.field && <Code>{item.field}</Code>,
              item.desired,
              item.actual,
              item.message,
              <When at={item.since} />,
              <Code whole>{shortCommit(item.commit)}</Code>,
            ],
          }))}
        />
      )}
    </>
  );
}
