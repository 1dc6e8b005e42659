import { useApi } from '@backstage/core-plugin-api';
import { TextField } from '@backstage/ui';
import { useState } from 'react';
import { useNavigate } from 'react-router-dom';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { useLinks } from '../routing';
import { useText } from '../translation';
import { ConfirmButton } from '../ui/ConfirmButton';
import { shortCommit } from '../ui/figures';

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
  const [reason, setReason] = useState('');
  return (
    <ConfirmButton
      size={size}
      variant={variant}
      label={t('activity.revert')}
      title={t('activity.revertTitle')}
      text={t('activity.revertText', { commit: shortCommit(commit) })}
      refused={t('activity.refused')}
      onConfirm={async () => {
        const change = await api.revertCommit({
          project,
          commit,
          ...(reason.trim() !== '' && { reason: reason.trim() }),
        });
        navigate(links.change(change.id));
      }}
    >
      <TextField
        label={t('activity.reason')}
        value={reason}
        onChange={setReason}
      />
    </ConfirmButton>
  );
}
