import { useApi } from '@backstage/core-plugin-api';
import { Button, ButtonLink } from '@backstage/ui';
import type { Change } from '@backstage-mlops/mlops-core';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { RevertButton } from '../activity/RevertButton';
import { useLinks } from '../routing';
import { useAction } from '../runs/RunActions';
import { useText } from '../translation';
import { Inline } from '../ui/Page';
import { Judged } from '../ui/State';
import { ConfirmButton } from './ConfirmButton';
import { EditButton } from './EditButton';
import { MergeButton } from './MergeButton';
import { pipelinesOf } from './pipelinesOf';

/** What a person may do with a request that is open; one that is merged can be taken back by another. */
export function ChangeActions(props: { change: Change; onChange(): void }) {
  const { change, onChange } = props;
  const { id, project, state, allowed } = change;
  const api = useApi(mlopsApiRef);
  const t = useText();
  const links = useLinks();
  if (state === 'merged' && change.mergeCommit)
    return (
      <RevertButton
        project={project}
        commit={change.mergeCommit}
        size="medium"
        variant="secondary"
      />
    );
  if (state !== 'open') return null;
  const [pipeline] = pipelinesOf(change, 'deleted');
  return (
    <Inline>
      {allowed.close && (
        <ConfirmButton
          label={t('change.close')}
          title={t('change.closeTitle')}
          text={t('change.closeText')}
          refused={t('change.notClosed')}
          onConfirm={async () => {
            await api.closeChange(id);
            onChange();
          }}
        />
      )}
      {allowed.update && (
        <>
          <RebaseButton change={change} onChange={onChange} />
          <EditButton change={change} onChange={onChange} />
          {pipeline && (
            <ButtonLink
              variant="secondary"
              href={links.newChange(project, pipeline, { change: id })}
            >
              {t('editor.change')}
            </ButtonLink>
          )}
          <ButtonLink
            variant="secondary"
            href={links.editFiles(project, {
              change: id,
              file: firstFile(change),
            })}
          >
            {t('files.edit')}
          </ButtonLink>
        </>
      )}
      {allowed.update && change.draft && (
        <ReadyButton change={change} onChange={onChange} />
      )}
      {allowed.merge && <MergeButton change={change} onChange={onChange} />}
    </Inline>
  );
}

// The file that is looked at first is what the request is about.
const firstFile = ({ files }: Change) =>
  files.find(({ status, diff }) => status !== 'deleted' && diff !== '')?.path;

/** Puts the branch onto the newest commit of the main branch. */
function RebaseButton(props: { change: Change; onChange(): void }) {
  const { change, onChange } = props;
  const api = useApi(mlopsApiRef);
  const t = useText();
  const { act, busy, fault } = useAction();
  return (
    <>
      {fault && (
        <Judged as="bad">
          {t('change.notRebased')}: {fault}
        </Judged>
      )}
      <Button
        variant="secondary"
        isDisabled={busy}
        onPress={() =>
          act(async () => {
            try {
              await api.rebaseChange(change.id);
            } finally {
              // A refused rebase leaves the hunks that it met.
              onChange();
            }
          })
        }
      >
        {t('change.rebase')}
      </Button>
    </>
  );
}

function ReadyButton(props: { change: Change; onChange(): void }) {
  const { change, onChange } = props;
  const api = useApi(mlopsApiRef);
  const t = useText();
  const { act, busy, fault } = useAction();
  return (
    <>
      {fault && (
        <Judged as="bad">
          {t('change.notSaved')}: {fault}
        </Judged>
      )}
      <Button
        variant="primary"
        isDisabled={busy}
        onPress={() =>
          act(async () => {
            await api.updateChange(change.id, { draft: false });
            onChange();
          })
        }
      >
        {t('change.ready')}
      </Button>
    </>
  );
}
