import { useLinks } from '../routing';
import { useText } from '../translation';
import { Page } from '../ui/Page';
import { ChangeList } from './ChangeList';

/** Requests of all projects. */
export function ChangesPage() {
  const t = useText();
  const links = useLinks();
  return (
    <Page
      title={t('changes.title')}
      description={t('changes.description')}
      crumbs={[{ label: t('title'), href: links.home() }]}
    >
      <ChangeList />
    </Page>
  );
}
