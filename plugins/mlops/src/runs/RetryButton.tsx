import { useApi } from '@backstage/core-plugin-api';
import { TextField } from '@backstage/ui';
import type { Run } from '@backstage-mlops/mlops-core';
import { useState } from 'react';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { useResource } from '../api/useResource';
import { useText } from '../translation';
import { ConfirmButton } from '../ui/ConfirmButton';
import { Fetched } from '../ui/Fetched';
import { Stack } from '../ui/Page';
import { Note } from '../ui/Panel';

/** Runs again what failed, or a step that is named, after a look at what that means. */
export function RetryButton(props: {
  run: Run;
  /** A step that runs again although it succeeded. */
  node?: string;
  onChange(): void;
}) {
  const { run, node, onChange } = props;
  const api = useApi(mlopsApiRef);
  const t = useText();
  const [values, setValues] = useState<Record<string, string>>({});
  return (
    <ConfirmButton
      variant={node ? 'secondary' : 'primary'}
      label={t(node ? 'run.retryStep' : 'run.retry')}
      confirm={t('run.retry')}
      title={t('run.retryTitle')}
      onConfirm={async () => {
        await api.controlRun(run.id, 'retry', {
          ...(node ? { nodes: [node] } : {}),
          ...(Object.keys(values).length > 0 ? { parameters: values } : {}),
        });
        onChange();
      }}
    >
      <Preview run={run.id} node={node} />
      {run.parameters.length > 0 && (
        <details>
          <summary>{t('run.retryValues')}</summary>
          {run.parameters.map(({ name, value }) => (
            <TextField
              key={name}
              label={name}
              value={values[name] ?? value}
              onChange={next =>
                setValues(before => ({ ...before, [name]: next }))
              }
            />
          ))}
        </details>
      )}
    </ConfirmButton>
  );
}

/** Which steps run again, and which stay. */
function Preview({ run, node }: { run: string; node?: string }) {
  const api = useApi(mlopsApiRef);
  const t = useText();
  const plan = useResource({
    key: `retry ${run} ${node}`,
    load: () => api.planRetry(run, node ? { nodes: [node] } : {}),
  });
  const names = (items: { displayName: string }[]) =>
    items.map(item => item.displayName).join(', ') || t('run.none');
  return (
    <Fetched of={plan} what={t('what.run')}>
      {({ again, kept }) => (
        <Stack>
          <span>{t('run.runsAgain', { names: names(again) })}</span>
          <Note>{t('run.stays', { names: names(kept) })}</Note>
        </Stack>
      )}
    </Fetched>
  );
}
