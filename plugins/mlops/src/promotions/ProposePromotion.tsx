import { useApi } from '@backstage/core-plugin-api';
import { Alert, Button, TextAreaField } from '@backstage/ui';
import type { PromotionPreview } from '@backstage-mlops/mlops-core';
import { useState } from 'react';
import { useNavigate } from 'react-router-dom';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { ReviewerField } from '../changes/editor/ReviewerField';
import { useLinks } from '../routing';
import { useAction } from '../ui/useAction';
import { useText } from '../translation';
import { DiffText } from '../ui/DiffText';
import { Inline, Stack } from '../ui/Page';
import { Code, Note, Panel } from '../ui/Panel';

/** The exact diff, why, who looks at it: opens the request. */
export function ProposePromotion(props: {
  preview: PromotionPreview;
  mayPropose: boolean;
}) {
  const { preview, mayPropose } = props;
  const { project, model, alias, candidate, rollback } = preview;
  const api = useApi(mlopsApiRef);
  const t = useText();
  const links = useLinks();
  const navigate = useNavigate();
  const { act, busy, fault } = useAction();
  const [reason, setReason] = useState('');
  const [reviewers, setReviewers] = useState(preview.requiredReviewers);
  const submit = () =>
    act(async () => {
      const change = await api.proposePromotion(project, model, {
        alias,
        version: candidate.version,
        reason: reason.trim(),
        ...(reviewers.length > 0 && { reviewers }),
      });
      navigate(links.change(change.id));
    });
  return (
    <Panel title={t('promote.diff')}>
      {preview.diff.map(({ path, diff }) => (
        <div key={path}>
          <Code>{path}</Code>
          <DiffText label={path} diff={diff} />
        </div>
      ))}
      {mayPropose ? (
        <Stack>
          <TextAreaField
            label={t('promote.reason')}
            description={t('promote.reasonHint')}
            isRequired
            value={reason}
            onChange={setReason}
          />
          <ReviewerField chosen={reviewers} onChange={setReviewers} />
          {preview.requiredReviewers.length > 0 && (
            <Note>
              {t('promote.owners', {
                owners: preview.requiredReviewers.join(', '),
              })}
            </Note>
          )}
          {preview.fourEyes && <Note>{t('promote.fourEyes')}</Note>}
          {fault && (
            <Alert
              status="danger"
              icon
              title={t('promote.refused')}
              description={fault}
            />
          )}
          <Inline>
            <Button
              variant="primary"
              isDisabled={busy || reason.trim() === ''}
              onPress={submit}
            >
              {t(rollback ? 'promote.submitBack' : 'promote.submit')}
            </Button>
          </Inline>
        </Stack>
      ) : (
        <Note>{t('promote.noRight')}</Note>
      )}
    </Panel>
  );
}
