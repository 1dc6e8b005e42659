import { useApi } from '@backstage/core-plugin-api';
import { ButtonLink } from '@backstage/ui';
import type { Change } from '@backstage-mlops/mlops-core';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { RevertButton } from '../activity/RevertButton';
import { useLinks } from '../routing';
import { useText } from '../translation';
import { ActButton } from '../ui/ActButton';
import { ConfirmButton } from '../ui/ConfirmButton';
import { Inline } from '../ui/Page';
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
  return (
    <ActButton
      label={t('change.rebase')}
      refused={t('change.notRebased')}
      onAct={async () => {
        try {
          await api.rebaseChange(change.id);
        } finally {
          // A refused rebase leaves the hunks that it met.
          onChange();
        }
      }}
    />
  );
}

function ReadyButton(props: { change: Change; onChange(): void }) {
  const { change, onChange } = props;
  const api = useApi(mlopsApiRef);
  const t = useText();
  return (
    <ActButton
      variant="primary"
      label={t('change.ready')}
      refused={t('change.notSaved')}
      onAct={async () => {
        await api.updateChange(change.id, { draft: false });
        onChange();
      }}
    />
  );
}
