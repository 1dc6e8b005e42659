import { useApi } from '@backstage/core-plugin-api';
import { Select } from '@backstage/ui';
import type { Pipeline } from '@backstage-mlops/mlops-core';
import { mlopsApiRef } from '../api/mlopsApiRef';
import type { Refs } from '../api/MlopsClient';
import { useResource } from '../api/useResource';
import { useLinks, useQuery } from '../routing';
import { useText } from '../translation';
import { shortCommit } from '../ui/figures';
import { Fetched } from '../ui/Fetched';
import { Page, Stack } from '../ui/Page';
import { Note, Panel } from '../ui/Panel';
import { Estimate } from './Estimate';
import { ParameterForm } from './ParameterForm';
import styles from './ParameterForm.module.css';

const newest = 'newest';
/** Commits that are offered; an older one is reached from its run. */
const offeredCommits = 20;

/**
 * Starts a run: branch or commit, then the parameters that the pipeline has there. With `from` in the address it is that run again,
 * with its commit and inputs.
 */
export function RunForm({ project, name }: { project: string; name: string }) {
  const api = useApi(mlopsApiRef);
  const t = useText();
  const links = useLinks();
  const [query] = useQuery();
  const from = query.get('from') ?? undefined;
  const earlier = useResource({
    key: `form from ${from}`,
    load: async () => (from ? api.getRun(from) : null),
  });
  const ref = earlier.value?.commit ?? query.get('ref') ?? undefined;
  const pipeline = useResource({
    key: `form ${project} ${name} ${ref}`,
    load: () => api.getPipeline(project, name, ref),
  });
  const rights = useResource({
    key: `rights ${project}`,
    load: () => api.getProject(project),
  });
  return (
    <Page
      title={t('form.title', { pipeline: name })}
      crumbs={[
        { label: t('title'), href: links.home() },
        { label: project, href: links.project(project) },
        { label: name, href: links.pipeline(project, name) },
      ]}
    >
      <div className={styles.form}>
        <Stack>
          {from === undefined && <RefChoice chosen={ref} at={pipeline.value} />}
          <Fetched of={earlier} what={t('what.run')}>
            {run => (
              <Fetched of={pipeline} what={t('what.pipeline')}>
                {value => (
                  <>
                    {run && (
                      <Note>
                        {t('form.again', {
                          run: run.id,
                          commit: shortCommit(run.commit),
                        })}
                      </Note>
                    )}
                    {!run && <EngineChoice engines={value.engines} />}
                    <ParameterForm
                      key={`${value.commit} ${ref}`}
                      pipeline={value}
                      pinned={ref}
                      engine={query.get('engine') ?? undefined}
                      earlier={run ?? undefined}
                      allowed={rights.value?.allowed.run !== false}
                    />
                  </>
                )}
              </Fetched>
            )}
          </Fetched>
          <Estimate project={project} pipeline={name} />
        </Stack>
      </div>
    </Page>
  );
}

function RefChoice(props: { chosen?: string; at?: Pipeline }) {
  const { chosen, at } = props;
  const api = useApi(mlopsApiRef);
  const t = useText();
  const [, change] = useQuery();
  const refs = useResource({ key: 'refs', load: () => api.getRefs() });
  const branchName = (branch: string) => t('form.branch', { name: branch });
  const options = [
    { id: newest, label: t('form.newest') },
    ...optionsOf(refs.value, branchName, chosen),
  ];
  return (
    <Panel title={t('form.ref')}>
      <Select
        aria-label={t('form.ref')}
        value={chosen ?? newest}
        onChange={key =>
          change({ ref: key === newest ? undefined : String(key) })
        }
        options={options}
      />
      {at && (
        <Note>{t('form.refNote', { commit: shortCommit(at.commit) })}</Note>
      )}
    </Panel>
  );
}

/** Shown only where there is a choice; the engine that the project takes by itself is not named in the request. */
function EngineChoice({ engines = [] }: Pick<Pipeline, 'engines'>) {
  const t = useText();
  const [query, change] = useQuery();
  const [usual, ...others] = engines;
  if (others.length === 0) return null;
  return (
    <Panel title={t('form.engine')}>
      <Select
        aria-label={t('form.engine')}
        value={query.get('engine') ?? usual}
        onChange={key =>
          change({ engine: key === usual ? undefined : String(key) })
        }
        options={engines.map(name => ({
          id: name,
          label:
            name === 'local' ? t('form.local') : t('form.cluster', { name }),
        }))}
      />
    </Panel>
  );
}

/** Branches, the newest commits, and what the address asks for although neither names it. */
function optionsOf(
  refs: Refs | undefined,
  branchName: (name: string) => string,
  chosen?: string,
): { id: string; label: string }[] {
  const known = [
    ...(refs?.branches ?? []).map(({ name }) => ({
      id: name,
      label: branchName(name),
    })),
    ...(refs?.commits ?? []).slice(0, offeredCommits).map(item => ({
      id: item.commit,
      label: `${shortCommit(item.commit)} ${item.message.slice(0, 60)}`,
    })),
  ];
  const lacks = chosen && !known.some(({ id }) => id === chosen);
  return lacks ? [...known, { id: chosen, label: chosen }] : known;
}
