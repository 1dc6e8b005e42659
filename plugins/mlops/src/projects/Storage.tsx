import { useApi } from '@backstage/core-plugin-api';
import { Button } from '@backstage/ui';
import type { ProjectDetail, RetentionPlan } from '@backstage-mlops/mlops-core';
import { useState } from 'react';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { useResource } from '../api/useResource';
import { useLinks } from '../routing';
import { useText } from '../translation';
import { bytes } from '../ui/figures';
import { Fetched } from '../ui/Fetched';
import { Inline } from '../ui/Page';
import { Facts, Note, Panel } from '../ui/Panel';
import { Judged } from '../ui/State';
import { Table } from '../ui/Table';
import { To } from '../ui/To';
import { useAction } from '../ui/useAction';

/** What a project keeps, what grows, and what its retention policy takes away. */
export function Storage({ project }: { project: ProjectDetail }) {
  const { name } = project;
  const api = useApi(mlopsApiRef);
  const t = useText();
  const [round, setRound] = useState(0);
  const storage = useResource({
    key: `storage ${name} ${round}`,
    load: () => api.getStorage(name),
  });
  return (
    <Panel title={t('storage.title')}>
      <Fetched of={storage} what={t('storage.what')}>
        {kept => (
          <>
            <Facts
              items={[
                [t('storage.runs'), String(kept.runs)],
                [t('storage.steps'), bytes(kept.stepBytes)],
                [t('storage.artifacts'), bytes(kept.artifactBytes)],
                [t('storage.tracking'), bytes(kept.trackingBytes)],
                [t('storage.models'), bytes(kept.modelBytes)],
                [t('storage.caches'), String(kept.cacheEntries)],
              ]}
            />
            {kept.growth.length > 0 && (
              <Table
                label={t('storage.growth')}
                columns={[
                  t('storage.day'),
                  { title: t('storage.runs'), figures: true },
                  { title: t('storage.added'), figures: true },
                ]}
                rows={[...kept.growth].reverse().map(day => ({
                  key: day.day,
                  cells: [day.day, String(day.runs), bytes(day.bytes)],
                }))}
              />
            )}
            {kept.retention ? (
              <Retention project={project} onDone={() => setRound(round + 1)} />
            ) : (
              <Note>{t('storage.noPolicy')}</Note>
            )}
          </>
        )}
      </Fetched>
    </Panel>
  );
}

/** First what would go, then the button that lets it go. */
function Retention(props: { project: ProjectDetail; onDone(): void }) {
  const { project, onDone } = props;
  const api = useApi(mlopsApiRef);
  const t = useText();
  const [plan, setPlan] = useState<RetentionPlan>();
  const { act, busy, fault } = useAction();
  return (
    <>
      <Inline>
        <Button
          variant="secondary"
          isDisabled={busy}
          onPress={() =>
            act(async () => setPlan(await api.planRetention(project.name)))
          }
        >
          {t('storage.dryRun')}
        </Button>
      </Inline>
      {fault && (
        <p role="alert">
          <Judged as="bad">{fault}</Judged>
        </p>
      )}
      {plan && <Planned plan={plan} />}
      {plan && plan.items.length > 0 && project.allowed.control && (
        <Inline>
          <Button
            variant="primary"
            isDisabled={busy}
            onPress={() =>
              act(async () => {
                await api.applyRetention(project.name);
                setPlan(undefined);
                onDone();
              })
            }
          >
            {t('storage.apply')}
          </Button>
        </Inline>
      )}
    </>
  );
}

function Planned({ plan }: { plan: RetentionPlan }) {
  return (
    <>
      <Going plan={plan} />
      <Staying plan={plan} />
    </>
  );
}

/** Runs that the policy names and that stay, and for whose sake. */
function Staying({ plan: { kept } }: { plan: RetentionPlan }) {
  const t = useText();
  const links = useLinks();
  if (kept.length === 0) return null;
  return (
    <Table
      cards
      label={t('storage.stays')}
      columns={[t('storage.stays'), t('storage.why')]}
      rows={kept.slice(0, 50).map(({ run, why }) => ({
        key: run,
        cells: [<To href={links.run(run)}>{run}</To>, why],
      }))}
    />
  );
}

function Going({ plan }: { plan: RetentionPlan }) {
  const t = useText();
  const links = useLinks();
  if (plan.items.length === 0) return <Note>{t('storage.nothing')}</Note>;
  return (
    <>
      <Note>
        {t('storage.would', {
          count: plan.items.length,
          size: bytes(plan.bytes),
        })}
      </Note>
      <Table
        cards
        label={t('storage.dryRun')}
        columns={[t('storage.run'), t('storage.goes'), t('storage.why')]}
        rows={plan.items.slice(0, 50).map(({ run, removes, why }) => ({
          key: run,
          cells: [
            <To href={links.run(run)}>{run}</To>,
            removes.map(part => t(`storage.part.${part}`)).join(', '),
            why,
          ],
        }))}
      />
    </>
  );
}
