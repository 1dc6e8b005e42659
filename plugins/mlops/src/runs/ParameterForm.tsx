import { useApi } from '@backstage/core-plugin-api';
import { Alert, Button, Select, TextAreaField, TextField } from '@backstage/ui';
import type {
  Pipeline,
  PipelineParameter,
  Run,
} from '@backstage-mlops/mlops-core';
import { useRef, useState } from 'react';
import { useNavigate } from 'react-router-dom';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { newKey } from '../api/newKey';
import { useLinks } from '../routing';
import { useText } from '../translation';
import { faultText } from '../ui/Fetched';
import { Inline, Stack } from '../ui/Page';
import { Note, Panel } from '../ui/Panel';
import { toFormFaults, type FormFaults } from './formFaults';
import styles from './ParameterForm.module.css';

/** What the form begins with: the values of an earlier run where it had them, else those of the pipeline. */
export function initialValues(
  parameters: PipelineParameter[],
  earlier?: Pick<Run, 'parameters'>,
): Record<string, string> {
  const had = new Map(
    earlier?.parameters.map(({ name, value }) => [name, value]),
  );
  return Object.fromEntries(
    parameters.map(({ name, value, default: usual }) => [
      name,
      had.get(name) ?? value ?? usual ?? '',
    ]),
  );
}

/** The fields of a pipeline's parameters; faults that the server names stand at their fields. */
export function ParameterForm(props: {
  pipeline: Pipeline;
  pinned?: string;
  /** Another engine than the project's. */
  engine?: string;
  /** The run that this one repeats. */
  earlier?: Run;
  allowed: boolean;
}) {
  const { pipeline, allowed, earlier } = props;
  const { parameters } = pipeline;
  const t = useText();
  const [values, setValues] = useState(() =>
    initialValues(parameters, earlier),
  );
  const { submit, busy, faults } = useSubmit(pipeline, props);
  const needed = parameters
    .filter(item => item.required && values[item.name] === '')
    .map(item => item.name);
  return (
    <form
      onSubmit={event => {
        event.preventDefault();
        submit(values);
      }}
    >
      <Stack>
        <Panel title={t('form.parameters')}>
          {parameters.length === 0 && <Note>{t('form.noParameters')}</Note>}
          <div className={styles.fields}>
            {parameters.map(item => (
              <ParameterField
                key={item.name}
                parameter={item}
                value={values[item.name]}
                fault={faults.fields[item.name]}
                onChange={value =>
                  setValues(before => ({ ...before, [item.name]: value }))
                }
              />
            ))}
          </div>
        </Panel>
        {faults.other && (
          <Alert
            status="danger"
            icon
            title={t('form.refused')}
            description={faults.other}
          />
        )}
        <Inline>
          <Button
            type="submit"
            variant="primary"
            isDisabled={busy || !allowed || needed.length > 0}
          >
            {t('form.submit')}
          </Button>
          {needed.length > 0 && (
            <Note>{t('form.needed', { names: needed.join(', ') })}</Note>
          )}
          {!allowed && <Note>{t('form.notAllowed')}</Note>}
        </Inline>
      </Stack>
    </form>
  );
}

/** Submits once however often the button is pressed; a run that was accepted is opened. */
function useSubmit(
  pipeline: Pipeline,
  {
    pinned,
    engine,
    earlier,
  }: { pinned?: string; engine?: string; earlier?: Run },
) {
  const api = useApi(mlopsApiRef);
  const links = useLinks();
  const navigate = useNavigate();
  const [busy, setBusy] = useState(false);
  const [faults, setFaults] = useState<FormFaults>({ fields: {} });
  const tries = useRef(0);
  const submit = async (parameters: Record<string, string>) => {
    setBusy(true);
    setFaults({ fields: {} });
    tries.current += 1;
    const { project, name } = pipeline;
    const ref = pinned ? { ref: pinned } : {};
    try {
      const run = earlier
        ? await api.resubmitRun(earlier.id, parameters)
        : await api.submitRun(
            {
              project,
              pipeline: name,
              ...ref,
              ...(engine ? { engine } : {}),
              parameters,
            },
            newKey(),
          );
      navigate(links.run(run.id));
    } catch (error) {
      const known = pipeline.parameters.map(item => item.name);
      setFaults(toFormFaults(faultText(error as Error), known));
      setBusy(false);
    }
  };
  return { submit, busy, faults };
}

/** The field of one parameter: a choice, a line, or several lines. */
export function ParameterField(props: {
  parameter: PipelineParameter;
  value: string;
  fault?: string;
  onChange(value: string): void;
}) {
  const { parameter, value, fault, onChange } = props;
  const { name, description } = parameter;
  const common = {
    label: name,
    description,
    isRequired: parameter.required,
    isInvalid: fault !== undefined,
  };
  return (
    <div>
      {fieldOf()}
      {fault && (
        <p className={styles.fault} role="alert">
          {fault}
        </p>
      )}
    </div>
  );

  function fieldOf() {
    if (parameter.enum)
      return (
        <Select
          {...common}
          value={value === '' ? null : value}
          onChange={key => onChange(String(key))}
          options={parameter.enum.map(item => ({ id: item, label: item }))}
        />
      );
    const first = parameter.value ?? parameter.default ?? '';
    return first.includes('\n') ? (
      <TextAreaField {...common} value={value} onChange={onChange} rows={6} />
    ) : (
      <TextField {...common} value={value} onChange={onChange} />
    );
  }
}
