import { useApi } from '@backstage/core-plugin-api';
import { Button, Select, TextField } from '@backstage/ui';
import type { NodeStatus, Parameter } from '@backstage-mlops/argo-engine';
import type { Run } from '@backstage-mlops/mlops-core';
import { useState } from 'react';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { useText } from '../translation';
import { Inline, Stack } from '../ui/Page';
import { Note, Panel } from '../ui/Panel';
import { Judged } from '../ui/State';
import { useAction } from '../ui/useAction';

/** Steps that wait for a person. */
export function waitingSteps(run: Run): NodeStatus[] {
  return Object.values(run.nodes).filter(
    ({ type, phase }) => type === 'Suspend' && phase === 'Running',
  );
}

/** A step that waits: asks for its values and lets it go on, or ends it. */
export function WaitingStep(props: {
  run: Run;
  node: NodeStatus;
  onChange(): void;
}) {
  const { run, node, onChange } = props;
  const api = useApi(mlopsApiRef);
  const t = useText();
  const asked = (node.outputs?.parameters ?? []).filter(
    item => item.valueFrom?.supplied,
  );
  const [values, setValues] = useState<Record<string, string>>(() =>
    Object.fromEntries(asked.map(item => [item.name, firstValue(node, item)])),
  );
  const { act, busy, fault } = useAction();
  const answer = (reject: boolean) =>
    act(async () => {
      await api.controlRun(run.id, 'resume', {
        node: node.id,
        ...(reject ? { reject: true } : { parameters: values }),
      });
      onChange();
    });
  const title = t('run.waitsFor', { node: node.displayName });
  if (run.allowed?.control === false)
    return (
      <Panel title={title}>
        <Note>{t('run.waitsForOthers')}</Note>
      </Panel>
    );
  return (
    <Panel title={title}>
      <Stack>
        {asked.length === 0 && <Note>{t('run.waitsForYou')}</Note>}
        {asked.map(item => (
          <Asked
            key={item.name}
            name={item.name}
            choices={choicesOf(node, item)}
            value={values[item.name]}
            onChange={value =>
              setValues(before => ({ ...before, [item.name]: value }))
            }
          />
        ))}
        <Inline>
          <Button
            variant="primary"
            isDisabled={busy || Object.values(values).includes('')}
            onPress={() => answer(false)}
          >
            {t('run.goOn')}
          </Button>
          <Button
            variant="secondary"
            isDisabled={busy}
            onPress={() => answer(true)}
          >
            {t('run.reject')}
          </Button>
          {fault && <Judged as="bad">{fault}</Judged>}
        </Inline>
      </Stack>
    </Panel>
  );
}

const inputOf = ({ inputs }: NodeStatus, name: string) =>
  inputs?.parameters?.find(item => item.name === name);
const choicesOf = (node: NodeStatus, { name }: Parameter) =>
  inputOf(node, name)?.enum;
const firstValue = (node: NodeStatus, { name, valueFrom }: Parameter) =>
  String(valueFrom?.default ?? inputOf(node, name)?.value ?? '');

function Asked(props: {
  name: string;
  choices?: string[];
  value: string;
  onChange(value: string): void;
}) {
  const { name, choices, value, onChange } = props;
  if (choices?.length)
    return (
      <Select
        label={name}
        value={value === '' ? null : value}
        onChange={key => onChange(String(key))}
        options={choices.map(item => ({ id: item, label: item }))}
      />
    );
  return <TextField label={name} value={value} onChange={onChange} />;
}
