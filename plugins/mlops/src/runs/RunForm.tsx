import { useApi } from '@backstage/core-plugin-api';
import { Alert, Button, Select, TextAreaField, TextField } from '@backstage/ui';
import type { Pipeline, PipelineParameter } from '@backstage-mlops/mlops-core';
import { useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router-dom';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { useResource } from '../api/useResource';
import { links } from '../routing';
import { shortCommit } from '../ui/text';
import { Fetched, Page, Panel, styles } from '../ui/ui';

/** Starts a run: the parameters of the pipeline and the branch or commit. */
export function RunForm({ project, name }: { project: string; name: string }) {
  const api = useApi(mlopsApiRef);
  const [query, setQuery] = useSearchParams();
  const ref = query.get('ref') ?? undefined;
  const pipeline = useResource(`form ${project} ${name} ${ref}`, () =>
    api.getPipeline(project, name, ref),
  );
  const refs = useResource('refs', () => api.getRefs());
  return (
    <Page
      title={`Run ${name}`}
      crumbs={[
        { label: 'Machine learning', href: links.home() },
        { label: project, href: links.project(project) },
        { label: name, href: links.pipeline(project, name) },
      ]}
    >
      <Panel title="Version of the files">
        <Select
          aria-label="Branch or commit"
          selectedKey={ref ?? ''}
          onSelectionChange={key =>
            setQuery(key ? { ref: String(key) } : {}, { replace: true })
          }
          options={[
            { value: '', label: 'Newest commit' },
            ...(refs.value?.branches ?? []).map(branch => ({
              value: branch.name,
              label: `Branch ${branch.name}`,
            })),
            ...(refs.value?.commits ?? []).slice(0, 20).map(commit => ({
              value: commit.commit,
              label: `${shortCommit(commit.commit)} ${commit.message.slice(
                0,
                60,
              )}`,
            })),
          ]}
        />
      </Panel>
      <Fetched of={pipeline} what="pipeline">
        {value => <Fields key={value.commit} pipeline={value} pinned={ref} />}
      </Fetched>
    </Page>
  );
}

function Fields({ pipeline, pinned }: { pipeline: Pipeline; pinned?: string }) {
  const api = useApi(mlopsApiRef);
  const navigate = useNavigate();
  const [values, setValues] = useState<Record<string, string>>(() =>
    Object.fromEntries(
      pipeline.parameters.map(item => [
        item.name,
        item.value ?? item.default ?? '',
      ]),
    ),
  );
  const [fault, setFault] = useState<string>();
  const [busy, setBusy] = useState(false);
  const lacking = pipeline.parameters.filter(
    item => item.required && values[item.name] === '',
  );
  const submit = async () => {
    setBusy(true);
    setFault(undefined);
    try {
      const run = await api.submitRun({
        project: pipeline.project,
        pipeline: pipeline.name,
        ...(pinned ? { ref: pinned } : {}),
        parameters: values,
      });
      navigate(links.run(run.id));
    } catch (error) {
      setFault(
        (error as { body?: { error?: { message?: string } } }).body?.error
          ?.message ?? (error as Error).message,
      );
      setBusy(false);
    }
  };
  return (
    <form
      className={styles.stack}
      onSubmit={event => {
        event.preventDefault();
        submit();
      }}
    >
      <Panel
        title={
          pipeline.parameters.length > 0
            ? 'Parameters'
            : 'This pipeline takes no parameters.'
        }
      >
        <div className={styles.stack} style={{ maxWidth: 560 }}>
          {pipeline.parameters.map(item => (
            <Field
              key={item.name}
              parameter={item}
              value={values[item.name]}
              fault={
                fault?.includes(`parameters.${item.name}:`) ? fault : undefined
              }
              onChange={value =>
                setValues(before => ({ ...before, [item.name]: value }))
              }
            />
          ))}
        </div>
      </Panel>
      {fault && (
        <Alert
          status="danger"
          icon
          title="The run was refused"
          description={fault}
        />
      )}
      <div className={styles.row}>
        <Button
          type="submit"
          variant="primary"
          isDisabled={busy || lacking.length > 0}
        >
          Run
        </Button>
        {lacking.length > 0 && (
          <span className={styles.muted}>{`Still needed: ${lacking
            .map(item => item.name)
            .join(', ')}`}</span>
        )}
      </div>
    </form>
  );
}

function Field({
  parameter,
  value,
  fault,
  onChange,
}: {
  parameter: PipelineParameter;
  value: string;
  fault?: string;
  onChange(value: string): void;
}) {
  const { name, description, required } = parameter;
  const common = {
    label: name,
    description: fault ?? description,
    isRequired: required,
    isInvalid: fault !== undefined,
  };
  if (parameter.enum)
    return (
      <Select
        {...common}
        selectedKey={value}
        onSelectionChange={key => onChange(String(key))}
        options={parameter.enum.map(item => ({ value: item, label: item }))}
      />
    );
  if ((parameter.value ?? parameter.default ?? '').includes('\n'))
    return (
      <TextAreaField {...common} value={value} onChange={onChange} rows={5} />
    );
  return <TextField {...common} value={value} onChange={onChange} />;
}
