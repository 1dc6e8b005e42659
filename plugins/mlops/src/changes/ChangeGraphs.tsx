import { useApi } from '@backstage/core-plugin-api';
import type { Change, Effect, FileEdit } from '@backstage-mlops/mlops-core';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { useResource } from '../api/useResource';
import { useText } from '../translation';
import { Fetched } from '../ui/Fetched';
import { Note, Panel } from '../ui/Panel';
import { Parameters, Steps } from './effect/EffectView';
import { pipelinesOf } from './pipelinesOf';

/** What a request makes of the pipelines: their steps before and after in one picture. Nothing when it touches none. */
export function ChangeGraphs({ change }: { change: Change }) {
  return pipelinesOf(change).length === 0 ? null : <Graphs change={change} />;
}

function Graphs({ change }: { change: Change }) {
  const { id, base, head } = change;
  const api = useApi(mlopsApiRef);
  const t = useText();
  const effect = useResource({
    key: `graphs of change ${id} ${base} ${head}`,
    load: () => loadEffect(api, change),
  });
  return (
    <Panel title={t('change.graphs')}>
      <Fetched of={effect} what={t('what.pipeline')}>
        {value =>
          value.pipelines.length === 0 ? (
            <Note>{t('change.noGraphs')}</Note>
          ) : (
            <>
              <Parameters effect={value} />
              {value.pipelines.map(one => (
                <Steps
                  key={one.file}
                  effect={one}
                  named={value.pipelines.length > 1}
                />
              ))}
            </>
          )
        }
      </Fetched>
    </Panel>
  );
}

/** The effect of the files at the newest commit on those where the branch began; so it is told of merged requests, too. */
async function loadEffect(
  api: typeof mlopsApiRef.T,
  change: Change,
): Promise<Effect> {
  const { project, title, base, head, files } = change;
  const edits = await Promise.all(
    files.map(async ({ path, status }): Promise<FileEdit[]> => {
      const [name] = pipelinesOf({ files: [{ path, status, diff: '' }] });
      if (!name) return [];
      if (status === 'deleted') return [{ path, delete: true }];
      const { source } = await api.getPipeline(project, name, head);
      return [{ path, content: source }];
    }),
  );
  return api.getEffect({ project, title, base, edits: edits.flat() });
}
