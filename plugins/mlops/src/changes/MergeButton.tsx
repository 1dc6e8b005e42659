import { useApi } from '@backstage/core-plugin-api';
import { Radio, RadioGroup } from '@backstage/ui';
import type { Change, MergeMethod } from '@backstage-mlops/mlops-core';
import { useState } from 'react';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { useText } from '../translation';
import { ConfirmButton } from '../ui/ConfirmButton';

/** Brings a request onto the main branch; it rests while something blocks it. */
export function MergeButton(props: { change: Change; onChange(): void }) {
  const { change, onChange } = props;
  const { id, head, target, mergeable } = change;
  const api = useApi(mlopsApiRef);
  const t = useText();
  const [method, setMethod] = useState<MergeMethod>('squash');
  return (
    <ConfirmButton
      variant="primary"
      isDisabled={!mergeable}
      label={t('change.merge')}
      title={t('change.mergeTitle')}
      text={t('change.mergeText', { target })}
      refused={t('change.notMerged')}
      onConfirm={async () => {
        // What is merged is what the person saw.
        await api.mergeChange(id, { method, head });
        onChange();
      }}
    >
      <RadioGroup
        label={t('change.mergeMethod')}
        value={method}
        onChange={value => setMethod(value as MergeMethod)}
      >
        <Radio value="squash">{t('change.squash')}</Radio>
        <Radio value="merge">{t('change.mergeCommitMethod')}</Radio>
      </RadioGroup>
    </ConfirmButton>
  );
}
