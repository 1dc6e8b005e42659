import { useEntity } from '@backstage/plugin-catalog-react';
import { links } from './routing';
import { Facts, Panel, To } from './ui/ui';

/** On a catalog page: the way to the thing itself. */
export function EntityCard() {
  const { entity } = useEntity();
  const annotations = entity.metadata.annotations ?? {};
  const project = annotations['backstage-mlops/project'];
  const name = annotations['backstage-mlops/name'];
  const target =
    {
      MLModel: () => links.model(project, name),
      MLPipeline: () => links.pipeline(project, name),
      Resource: () => links.dataset(project, name),
    }[entity.kind as 'MLModel'] ?? (() => links.project(project));
  return (
    <Panel title="Machine learning">
      <Facts
        items={[
          ['Project', <To href={links.project(project)}>{project}</To>],
          [
            'Open',
            <To href={target()}>
              {entity.metadata.title ?? entity.metadata.name}
            </To>,
          ],
          ['File', annotations['backstage-mlops/file']],
        ]}
      />
    </Panel>
  );
}
