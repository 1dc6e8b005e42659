import { useApi } from '@backstage/core-plugin-api';
import type { RegisteredModel } from '@backstage-mlops/mlops-core';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { listAgainMs } from '../api/useLiveRuns';
import { useResource } from '../api/useResource';
import { LineChart } from '../charts/LineChart';
import { ActivityList } from '../activity/ActivityList';
import { AliasPanel } from '../promotions/AliasPanel';
import { useLinks } from '../routing';
import { SyncPanel } from '../sync/SyncPanel';
import { useText } from '../translation';
import { Fetched } from '../ui/Fetched';
import { Page, Tiles } from '../ui/Page';
import { Facts, Panel, Sentences } from '../ui/Panel';
import { VersionTable } from './VersionTable';

/** A model and its versions. */
export function ModelPage(props: { project: string; name: string }) {
  const { project, name } = props;
  const t = useText();
  const links = useLinks();
  const model = useModel(project, name);
  return (
    <Fetched isPage of={model} what={t('what.model')}>
      {value => (
        <Page
          title={value.title ?? name}
          crumbs={[
            { label: t('title'), href: links.home() },
            { label: project, href: links.project(project) },
          ]}
        >
          <Panel title={t('model.versions')}>
            <VersionTable model={value} />
          </Panel>
          <AliasPanel model={value} />
          <Tiles>
            <About model={value} />
            <OverVersions model={value} />
          </Tiles>
          <SyncPanel project={project} model={name} />
          {value.file && <ActivityList project={project} model={name} />}
        </Page>
      )}
    </Fetched>
  );
}

/** A model, looked at again for new versions. */
export function useModel(project: string, name: string) {
  const api = useApi(mlopsApiRef);
  return useResource({
    key: `model ${project} ${name}`,
    load: () => api.getModel(project, name),
    againMs: () => listAgainMs,
  });
}

function OverVersions({ model }: { model: RegisteredModel }) {
  const t = useText();
  const metric = model.primaryMetric?.name;
  const points = [...model.versions].reverse().flatMap(version => {
    const value = metric ? version.metrics[metric] : undefined;
    return value === undefined
      ? []
      : [{ x: Number(version.version), y: value }];
  });
  if (!metric || points.length < 2) return null;
  return (
    <Panel title={t('model.overVersions')}>
      <LineChart
        title={metric}
        axis={t('chart.version')}
        series={[{ name: model.title ?? model.name, points }]}
      />
    </Panel>
  );
}

function About({ model }: { model: RegisteredModel }) {
  const t = useText();
  const { primaryMetric, limits } = model;
  return (
    <Panel title={t('model.about')}>
      <Facts
        items={[
          [t('model.use'), model.intendedUse],
          [t('model.task'), model.task],
          [t('model.classes'), model.classes?.join(', ')],
          [
            t('model.primaryMetric'),
            primaryMetric &&
              t(`model.${primaryMetric.direction}`, {
                metric: primaryMetric.name,
              }),
          ],
          [
            t('model.limits'),
            limits && limits.length > 0 && <Sentences items={limits} />,
          ],
          [
            t('model.gates'),
            model.gates.length > 0 && (
              <Sentences items={model.gates.map(({ check }) => check)} />
            ),
          ],
          [t('model.licence'), model.licence],
        ]}
      />
    </Panel>
  );
}
