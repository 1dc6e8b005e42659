import { useApi, useApiHolder } from '@backstage/core-plugin-api';
import { catalogApiRef } from '@backstage/plugin-catalog-react';
import { Button, ButtonLink } from '@backstage/ui';
import type { ProjectSummary } from '@backstage-mlops/mlops-core';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { listAgainMs, useLiveRuns } from '../api/useLiveRuns';
import { useResource } from '../api/useResource';
import { useLinks, useNewProjectLink, useQuery } from '../routing';
import { useText } from '../translation';
import { Fetched } from '../ui/Fetched';
import { Inline, Page } from '../ui/Page';
import { Note, Panel } from '../ui/Panel';
import { useOpenChanges } from '../changes/useOpenChanges';
import { Attention } from './Attention';
import { byAttention, filterProjects, type ProjectFilter } from './attend';
import { HomeFilters } from './HomeFilters';
import { OutdatedNote } from './OutdatedNote';
import { ProjectTable } from './ProjectTable';

/** Projects and models; what needs a person comes first. */
export function HomePage() {
  const api = useApi(mlopsApiRef);
  const t = useText();
  const projects = useLiveRuns(
    useResource({
      key: 'projects',
      load: () => api.listProjects(),
      againMs: () => listAgainMs,
    }),
  );
  return (
    <Page
      title={t('title')}
      description={t('home.description')}
      actions={
        <Inline>
          <ChangesLink />
          <NewProjectLink />
        </Inline>
      }
    >
      <Fetched of={projects} what={t('what.projects')}>
        {({ items }) =>
          items.length === 0 ? (
            <Panel>
              <Note>{t('home.empty')}</Note>
            </Panel>
          ) : (
            <Projects items={items} />
          )
        }
      </Fetched>
    </Page>
  );
}

/** The way to the requests of all projects, with how many are open. */
function ChangesLink() {
  const t = useText();
  const links = useLinks();
  const open = useOpenChanges();
  return (
    <ButtonLink href={links.changes()} variant="secondary">
      {open > 0 ? t('changes.open', { count: open }) : t('changes.title')}
    </ButtonLink>
  );
}

// The scaffolder alone does not make a project: the app must also know the template.
function NewProjectLink() {
  const t = useText();
  const link = useNewProjectLink();
  const catalog = useApiHolder().get(catalogApiRef);
  const template = useResource({
    key: 'template',
    load: async () =>
      !catalog ||
      Boolean(await catalog.getEntityByRef('template:default/ml-project')),
  });
  return link && template.value ? (
    <ButtonLink href={link} variant="primary">
      {t('home.newProject')}
    </ButtonLink>
  ) : null;
}

function Projects({ items }: { items: ProjectSummary[] }) {
  const t = useText();
  const [query, change] = useQuery();
  const filter: ProjectFilter = {
    text: query.get('text') ?? '',
    owner: query.get('owner') ?? undefined,
    state: query.get('state') ?? undefined,
  };
  const shown = byAttention(filterProjects(items, filter));
  return (
    <>
      <OutdatedNote project={items[0]} />
      <HomeFilters items={items} filter={filter} onChange={change} />
      <Attention items={shown} />
      <Panel
        title={t('home.projects')}
        actions={
          <span role="status">{t('home.found', { count: shown.length })}</span>
        }
      >
        {shown.length > 0 ? (
          <ProjectTable items={shown} />
        ) : (
          <Inline>
            <Note>{t('home.none')}</Note>
            <Button
              size="small"
              variant="secondary"
              onPress={() => change({ text: '', owner: '', state: '' })}
            >
              {t('home.clear')}
            </Button>
          </Inline>
        )}
      </Panel>
    </>
  );
}
