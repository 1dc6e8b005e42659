import type { ProjectDetail } from '@backstage-mlops/mlops-core';
import { Sparkline } from '../charts/Sparkline';
import { useLinks } from '../routing';
import { useText } from '../translation';
import { AliasBadge } from '../promotions/AliasBadge';
import { figure } from '../ui/figures';
import { Inline } from '../ui/Page';
import { Note, Panel } from '../ui/Panel';
import { Table } from '../ui/Table';
import { To } from '../ui/To';

/** Models of a project with their newest versions. */
export function ModelList({ project }: { project: ProjectDetail }) {
  const t = useText();
  const links = useLinks();
  return (
    <Panel>
      <Table
        cards
        label={t('project.tabs.models')}
        columns={[
          t('home.columns.model'),
          t('home.columns.version'),
          t('home.columns.metric'),
          t('alias.title'),
        ]}
        rows={project.models.map(
          ({ name, title, version, metric, history, aliases = [] }) => ({
            key: name,
            cells: [
              <To href={links.model(project.name, name)}>{title ?? name}</To>,
              version ? (
                <To href={links.version(project.name, name, version)}>
                  {t('home.versionName', { version })}
                </To>
              ) : (
                <Note>{t('model.noVersion')}</Note>
              ),
              metric && (
                <Inline>
                  {`${metric.name} ${figure(metric.value)}`}
                  <Sparkline
                    metric={metric.name}
                    values={history.map(point => point.value)}
                  />
                </Inline>
              ),
              aliases.length > 0 && (
                <Inline>
                  {aliases.map(alias => (
                    <Inline key={alias.alias}>
                      <AliasBadge alias={alias} />
                      <To
                        href={links.version(project.name, name, alias.version)}
                      >
                        {t('home.versionName', { version: alias.version })}
                      </To>
                    </Inline>
                  ))}
                </Inline>
              ),
            ],
          }),
        )}
      />
    </Panel>
  );
}
