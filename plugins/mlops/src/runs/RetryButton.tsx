import { useApi } from '@backstage/core-plugin-api';
import {
  Alert,
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
  DialogTrigger,
  TextField,
} from '@backstage/ui';
import type { Run } from '@backstage-mlops/mlops-core';
import { useState } from 'react';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { useResource } from '../api/useResource';
import { useText } from '../translation';
import { Fetched } from '../ui/Fetched';
import { Note } from '../ui/Panel';
import { useAction } from './RunActions';

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
  const [open, setOpen] = useState(false);
  const { act, busy, fault } = useAction();
  const [values, setValues] = useState<Record<string, string>>({});
  const request = {
    ...(node ? { nodes: [node] } : {}),
    ...(Object.keys(values).length > 0 ? { parameters: values } : {}),
  };
  const retry = () =>
    act(async () => {
      await api.controlRun(run.id, 'retry', request);
      setOpen(false);
      onChange();
    });
  return (
    <DialogTrigger isOpen={open} onOpenChange={setOpen}>
      <Button variant={node ? 'secondary' : 'primary'}>
        {t(node ? 'run.retryStep' : 'run.retry')}
      </Button>
      <Dialog>
        <DialogHeader>{t('run.retryTitle')}</DialogHeader>
        <DialogBody>
          {open && <Preview run={run.id} node={node} />}
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
          {fault && <Alert status="danger" icon title={fault} />}
        </DialogBody>
        <DialogFooter>
          <Button variant="primary" isDisabled={busy} onPress={retry}>
            {t('run.retry')}
          </Button>
          <Button variant="secondary" slot="close">
            {t('run.cancel')}
          </Button>
        </DialogFooter>
      </Dialog>
    </DialogTrigger>
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
        <>
          <p>{t('run.runsAgain', { names: names(again) })}</p>
          <Note>{t('run.stays', { names: names(kept) })}</Note>
        </>
      )}
    </Fetched>
  );
}
