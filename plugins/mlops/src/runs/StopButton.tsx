import { useApi } from '@backstage/core-plugin-api';
import {
  Alert,
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
  DialogTrigger,
} from '@backstage/ui';
import { useState } from 'react';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { useText } from '../translation';
import { useAction } from '../ui/useAction';

/** Ends a run after a second look. */
export function StopButton(props: { run: string; onStopped(): void }) {
  const api = useApi(mlopsApiRef);
  const t = useText();
  const [open, setOpen] = useState(false);
  const { act, busy, fault } = useAction();
  const stop = (wish: 'stop' | 'terminate') =>
    act(async () => {
      await api.controlRun(props.run, wish);
      setOpen(false);
      props.onStopped();
    });
  return (
    <DialogTrigger isOpen={open} onOpenChange={setOpen}>
      <Button variant="secondary">{t('run.stop')}</Button>
      <Dialog>
        <DialogHeader>{t('run.stopTitle')}</DialogHeader>
        <DialogBody>
          {t('run.stopText')}
          {fault && <Alert status="danger" icon title={fault} />}
        </DialogBody>
        <DialogFooter>
          <Button
            variant="primary"
            isDisabled={busy}
            onPress={() => stop('stop')}
          >
            {t('run.stop')}
          </Button>
          <Button
            variant="secondary"
            isDisabled={busy}
            onPress={() => stop('terminate')}
          >
            {t('run.terminate')}
          </Button>
          <Button variant="secondary" slot="close">
            {t('cancel')}
          </Button>
        </DialogFooter>
      </Dialog>
    </DialogTrigger>
  );
}
