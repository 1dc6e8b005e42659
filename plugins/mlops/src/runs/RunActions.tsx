import { useApi } from '@backstage/core-plugin-api';
import { Button, ButtonLink } from '@backstage/ui';
import type { Run } from '@backstage-mlops/mlops-core';
import { useNavigate } from 'react-router-dom';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { useLinks } from '../routing';
import { useText } from '../translation';
import { ActButton } from '../ui/ActButton';
import { Inline } from '../ui/Page';
import { Judged } from '../ui/State';
import { useAction } from '../ui/useAction';
import { RetryButton } from './RetryButton';
import { isOver } from './runSentence';
import { StopButton } from './StopButton';

/** What a person may do with a run in its present state. */
export function RunActions(props: { run: Run; onChange(): void }) {
  const { run, onChange } = props;
  if (isOver(run)) return <Over run={run} onChange={onChange} />;
  if (run.allowed?.control === false) return null;
  return (
    <Inline>
      <SuspendButton run={run} onChange={onChange} />
      <StopButton run={run.id} onStopped={onChange} />
    </Inline>
  );
}

function Over({ run, onChange }: { run: Run; onChange(): void }) {
  const api = useApi(mlopsApiRef);
  const t = useText();
  const links = useLinks();
  const navigate = useNavigate();
  const { act, busy, fault } = useAction();
  const mayRetry = run.allowed?.control !== false && run.phase !== 'Succeeded';
  const retry = mayRetry && <RetryButton run={run} onChange={onChange} />;
  // What was started on a cluster with a spec of its own has no file to run again.
  if (run.allowed?.create === false || !run.file)
    return <Inline>{retry}</Inline>;
  return (
    <Inline>
      {fault && <Judged as="bad">{fault}</Judged>}
      {retry}
      <Button
        variant="secondary"
        isDisabled={busy}
        onPress={() =>
          act(async () => {
            const again = await api.resubmitRun(run.id);
            navigate(links.run(again.id));
          })
        }
      >
        {t('run.again')}
      </Button>
      <ButtonLink
        variant="secondary"
        href={links.startRun(run.project, run.pipeline, { from: run.id })}
      >
        {t('run.change')}
      </ButtonLink>
      {run.parameters.length > 0 && (
        <ButtonLink
          variant="secondary"
          href={links.newChange(run.project, run.pipeline, { from: run.id })}
        >
          {t('editor.makeDefault')}
        </ButtonLink>
      )}
    </Inline>
  );
}

function SuspendButton({ run, onChange }: { run: Run; onChange(): void }) {
  const api = useApi(mlopsApiRef);
  const t = useText();
  const wish = run.suspended ? 'resume' : 'suspend';
  return (
    <ActButton
      variant={run.suspended ? 'primary' : 'secondary'}
      label={t(`run.${wish}`)}
      onAct={async () => {
        await api.controlRun(run.id, wish);
        onChange();
      }}
    />
  );
}
