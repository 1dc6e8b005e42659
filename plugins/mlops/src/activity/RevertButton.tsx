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
import { useState } from 'react';
import { useNavigate } from 'react-router-dom';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { useLinks } from '../routing';
import { useAction } from '../runs/RunActions';
import { useText } from '../translation';
import { shortCommit } from '../ui/figures';
import { Stack } from '../ui/Page';

/** Opens a request that takes a commit back, after a second look. */
export function RevertButton(props: {
  project: string;
  commit: string;
  size?: 'small' | 'medium';
  variant?: 'secondary' | 'tertiary';
}) {
  const { project, commit, size = 'small', variant = 'tertiary' } = props;
  const api = useApi(mlopsApiRef);
  const t = useText();
  const links = useLinks();
  const navigate = useNavigate();
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState('');
  const { act, busy, fault } = useAction();
  const revert = () =>
    act(async () => {
      const change = await api.revertCommit({
        project,
        commit,
        ...(reason.trim() !== '' && { reason: reason.trim() }),
      });
      navigate(links.change(change.id));
    });
  return (
    <DialogTrigger isOpen={open} onOpenChange={setOpen}>
      <Button size={size} variant={variant}>
        {t('activity.revert')}
      </Button>
      <Dialog>
        <DialogHeader>{t('activity.revertTitle')}</DialogHeader>
        <DialogBody>
          <Stack>
            <span>
              {t('activity.revertText', { commit: shortCommit(commit) })}
            </span>
            <TextField
              label={t('activity.reason')}
              value={reason}
              onChange={setReason}
            />
            {fault && (
              <Alert
                status="danger"
                icon
                title={t('activity.refused')}
                description={fault}
              />
            )}
          </Stack>
        </DialogBody>
        <DialogFooter>
          <Button variant="primary" isDisabled={busy} onPress={revert}>
            {t('activity.revert')}
          </Button>
          <Button variant="secondary" slot="close">
            {t('activity.cancel')}
          </Button>
        </DialogFooter>
      </Dialog>
    </DialogTrigger>
  );
}
