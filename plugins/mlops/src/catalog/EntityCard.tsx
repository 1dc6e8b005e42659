import type { Entity } from '@backstage/catalog-model';
import { useEntity } from '@backstage/plugin-catalog-react';
import { useLinks } from '../routing';
import { useText } from '../translation';
import { shortCommit } from '../ui/figures';
import { Code, Facts, Panel } from '../ui/Panel';
import { To } from '../ui/To';
import { toEntityTarget, type EntityTarget } from './annotations';

/** On a page of the catalog: the way to the thing itself. */
export function EntityCard() {
  const { entity } = useEntity();
  const t = useText();
  const links = useLinks();
  const target = toEntityTarget(entity);
  if (!target) return null;
  const { project, file, commit } = target;
  const { title, name } = entity.metadata;
  const page = pageOf(entity, target, links);
  return (
    <Panel title={t('title')}>
      <Facts
        items={[
          [
            t('entity.project'),
            <To href={links.project(project)}>{project}</To>,
          ],
          [
            t('entity.open'),
            page !== links.project(project) && (
              <To href={page}>{title ?? name}</To>
            ),
          ],
          [t('entity.file'), file && <Code>{file}</Code>],
          [
            t('entity.commit'),
            commit && <Code whole>{shortCommit(commit)}</Code>,
          ],
        ]}
      />
    </Panel>
  );
}

function pageOf(
  { kind }: Entity,
  { project, name }: EntityTarget,
  links: ReturnType<typeof useLinks>,
): string {
  switch (kind.toLowerCase()) {
    case 'mlmodel':
      return links.model(project, name);
    case 'mlpipeline':
      return links.pipeline(project, name);
    case 'resource':
      return links.dataset(project, name);
    default:
      return links.project(project);
  }
}
