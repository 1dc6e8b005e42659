import type { Entity } from '@backstage/catalog-model';
import { useApi } from '@backstage/core-plugin-api';
import { catalogApiRef, useEntity } from '@backstage/plugin-catalog-react';
import type { RegisteredModel } from '@backstage-mlops/mlops-core';
import { useResource } from '../api/useResource';
import { useModel } from '../models/ModelPage';
import { AliasBadges } from '../promotions/AliasBadge';
import { useLinks } from '../routing';
import { useText } from '../translation';
import { Fetched } from '../ui/Fetched';
import { figure } from '../ui/figures';
import { Inline, Stack } from '../ui/Page';
import { Facts, Note, Panel } from '../ui/Panel';
import { To } from '../ui/To';
import { When } from '../ui/When';
import {
  consumedModelRefs,
  toEntityTarget,
  type EntityTarget,
} from './annotations';

/** On the page of a Component that depends on models: which version each of them serves now. */
export function ConsumedModels() {
  const { entity } = useEntity();
  const t = useText();
  const targets = useConsumed(entity);
  return (
    <Panel title={t('consumed.title')}>
      <Fetched of={targets} what={t('consumed.title')}>
        {found => (
          <Stack>
            {found.map((target, at) =>
              typeof target === 'string' ? (
                <Note key={at}>{t('consumed.unknown', { ref: target })}</Note>
              ) : (
                <ConsumedModel key={at} {...target} />
              ),
            )}
          </Stack>
        )}
      </Fetched>
    </Panel>
  );
}

/** The models behind the relations; the bare reference where the catalog shows this person no such model. */
function useConsumed(entity: Entity) {
  const catalog = useApi(catalogApiRef);
  const refs = consumedModelRefs(entity);
  return useResource<(EntityTarget | string)[]>({
    key: refs.join(' '),
    load: async () => {
      const { items } = await catalog.getEntitiesByRefs({ entityRefs: refs });
      return items.map(
        (item, at) => (item && toEntityTarget(item)) ?? refs[at],
      );
    },
  });
}

function ConsumedModel({ project, name }: EntityTarget) {
  const t = useText();
  const model = useModel(project, name);
  return (
    <Fetched of={model} what={t('what.model')}>
      {value => <ModelState model={value} />}
    </Fetched>
  );
}

/** The version that serves: the champion's, else the newest. */
function servedVersion({ aliases, versions }: RegisteredModel) {
  const champion = aliases.find(({ alias }) => alias === 'champion');
  return (
    versions.find(({ version }) => version === champion?.version) ?? versions[0]
  );
}

function ModelState({ model }: { model: RegisteredModel }) {
  const t = useText();
  const links = useLinks();
  const { project, name, title, aliases } = model;
  const version = servedVersion(model);
  const metric = model.primaryMetric?.name;
  const value = metric && version?.metrics[metric];
  return (
    <Facts
      items={[
        [
          t('consumed.model'),
          <To href={links.model(project, name)}>{title ?? name}</To>,
        ],
        [
          t('consumed.version'),
          version ? (
            <Inline>
              <To href={links.version(project, name, version.version)}>
                {t('model.versionName', { version: version.version })}
              </To>
              <AliasBadges aliases={aliases} version={version.version} />
            </Inline>
          ) : (
            t('model.noVersion')
          ),
        ],
        [metric ?? '', typeof value === 'number' && figure(value)],
        [t('consumed.since'), version && <When at={version.createdAt} />],
      ]}
    />
  );
}
