import { useEntity } from '@backstage/plugin-catalog-react';
import { useLinks } from '../routing';
import { useText } from '../translation';
import { toEntityTarget } from './annotations';

/** In the menu of an entity: the editor of a pipeline; of a project, the choice among its pipelines. */
export function useChangeItem(): { title: string; href: string } {
  const { entity } = useEntity();
  const t = useText();
  const links = useLinks();
  const target = toEntityTarget(entity);
  const title = t('pipeline.change');
  if (!target) return { title, href: links.home() };
  const { project, name } = target;
  const ofPipeline = entity.kind.toLowerCase() === 'mlpipeline';
  return {
    title,
    href: ofPipeline
      ? links.newChange(project, name)
      : links.project(project, 'pipelines'),
  };
}
