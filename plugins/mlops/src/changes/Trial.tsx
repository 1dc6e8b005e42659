import { useApi } from '@backstage/core-plugin-api';
import { Alert, Button } from '@backstage/ui';
import type { Change, ChangeComparison } from '@backstage-mlops/mlops-core';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { useLiveRuns } from '../api/useLiveRuns';
import { useResource } from '../api/useResource';
import { useLinks } from '../routing';
import { useAction } from '../ui/useAction';
import { RunState } from '../runs/RunState';
import { useText } from '../translation';
import { Fetched } from '../ui/Fetched';
import { Inline } from '../ui/Page';
import { Code, Note, Panel } from '../ui/Panel';
import { Table } from '../ui/Table';
import { To } from '../ui/To';
import { pipelinesOf } from './pipelinesOf';
import { TrialTable } from './TrialTable';

/** Milliseconds between two looks at a trial run that is not over. */
const soonMs = 3_000;

const isOver = (phase?: string) => phase !== 'Pending' && phase !== 'Running';

/** The run on the branch beside the last good run of the main branch; a way to start one where there is none. */
export function Trial(props: { change: Change; onChange(): void }) {
  const { change, onChange } = props;
  const { trialRun, target } = change;
  const t = useText();
  if (!trialRun) return <AskForTrial change={change} onChange={onChange} />;
  const { pipeline, id, phase } = trialRun;
  return (
    <Panel
      title={t('change.trialOf', { pipeline, target })}
      actions={
        isOver(phase) && (
          <TrialButton
            change={change}
            pipeline={pipeline}
            label={t('change.trialAgain')}
            onChange={onChange}
          />
        )
      }
    >
      <Compared key={id} change={change} />
    </Panel>
  );
}

function AskForTrial(props: { change: Change; onChange(): void }) {
  const { change, onChange } = props;
  const t = useText();
  const pipelines = pipelinesOf(change, 'deleted');
  if (change.state !== 'open' || !change.allowed.update) return null;
  if (pipelines.length === 0) return null;
  return (
    <Panel title={t('change.trial')}>
      <Note>{t('change.trialAsk', { target: change.target })}</Note>
      <Inline>
        {pipelines.map(pipeline => (
          <TrialButton
            key={pipeline}
            change={change}
            pipeline={pipeline}
            label={t('change.trialStart', { pipeline })}
            onChange={onChange}
          />
        ))}
      </Inline>
    </Panel>
  );
}

function TrialButton(props: {
  change: Change;
  pipeline: string;
  label: string;
  onChange(): void;
}) {
  const { change, pipeline, label, onChange } = props;
  const api = useApi(mlopsApiRef);
  const t = useText();
  const { act, busy, fault } = useAction();
  if (change.state !== 'open' || !change.allowed.update) return null;
  return (
    <>
      {fault && (
        <Alert
          status="danger"
          icon
          title={t('change.trialRefused')}
          description={fault}
        />
      )}
      <Button
        size="small"
        variant="secondary"
        isDisabled={busy}
        onPress={() =>
          act(async () => {
            await api.runChecks(change.id, { trialRun: { pipeline } });
            onChange();
          })
        }
      >
        {label}
      </Button>
    </>
  );
}

function Compared({ change }: { change: Change }) {
  const { id, target, trialRun } = change;
  const api = useApi(mlopsApiRef);
  const t = useText();
  const found = useLiveRuns(
    useResource({
      key: `comparison ${id} ${trialRun?.phase}`,
      load: () => api.getComparison(id),
      againMs: value => (isOver(value?.trial?.phase) ? undefined : soonMs),
    }),
    trialRun?.id,
  );
  return (
    <Fetched of={found} what={t('what.run')}>
      {({ trial, main, metrics, parameters }) => (
        <>
          {trial && <TrialState trial={trial} />}
          {trial && !isOver(trial.phase) && (
            <Note>{t('change.trialRuns')}</Note>
          )}
          {trial && isOver(trial.phase) && (
            <>
              {!main && <Note>{t('change.trialNone', { target })}</Note>}
              <TrialTable
                target={target}
                trial={trial}
                main={main}
                metrics={metrics}
              />
              <OtherParameters target={target} parameters={parameters} />
            </>
          )}
        </>
      )}
    </Fetched>
  );
}

function TrialState(props: { trial: NonNullable<ChangeComparison['trial']> }) {
  const { trial } = props;
  const links = useLinks();
  return (
    <div>
      <Inline>
        <To href={links.run(trial.id)}>{trial.id}</To>
        <RunState run={trial} />
      </Inline>
      {trial.message && trial.phase !== 'Succeeded' && (
        <Note>{trial.message}</Note>
      )}
    </div>
  );
}

/** Parameters that the two runs did not share; most differences of metrics come from them. */
function OtherParameters(props: {
  target: string;
  parameters: ChangeComparison['parameters'];
}) {
  const { target, parameters } = props;
  const t = useText();
  const other = parameters.filter(({ trial, main }) => trial !== main);
  if (other.length === 0) return null;
  return (
    <Table
      label={t('change.otherParameters')}
      columns={[
        t('change.otherParameters'),
        t('change.onMain', { target }),
        t('change.onBranch'),
      ]}
      rows={other.map(({ name, main, trial }) => ({
        key: name,
        cells: [name, <Code>{main}</Code>, <Code>{trial}</Code>],
      }))}
    />
  );
}
