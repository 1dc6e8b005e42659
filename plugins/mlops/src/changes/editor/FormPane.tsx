import { Alert, Button } from '@backstage/ui';
import type { PipelineParameter } from '@backstage-mlops/mlops-core';
import { useState } from 'react';
import { ParameterField } from '../../runs/ParameterForm';
import { useText } from '../../translation';
import { Inline } from '../../ui/Page';
import { Code, Note } from '../../ui/Panel';
import { Judged } from '../../ui/State';
import styles from './Editor.module.css';
import type { PipelineText } from './pipelineText';

const valueOf = ({ value, default: usual }: PipelineParameter) =>
  value ?? usual ?? '';

/** What a pipeline is run with when nobody says otherwise: a field for each parameter. */
export function FormPane(props: {
  read: PipelineText;
  /** The same of the text in git. */
  before: PipelineText;
  fault?: string;
  onChange(name: string, value: string): void;
}) {
  const { read, before, fault, onChange } = props;
  const t = useText();
  return (
    <div className={styles.fields}>
      {!read.readable && (
        <Alert status="warning" icon title={t('editor.unreadable')} />
      )}
      {fault && (
        <Alert
          status="danger"
          icon
          title={t('editor.notTaken')}
          description={fault}
        />
      )}
      {read.readable && read.parameters.length === 0 && (
        <Note>{t('editor.noParameters')}</Note>
      )}
      {read.parameters.map(item => (
        <DefaultField
          key={item.name}
          parameter={item}
          before={before.parameters.find(({ name }) => name === item.name)}
          onChange={value => onChange(item.name, value)}
        />
      ))}
    </div>
  );
}

function DefaultField(props: {
  parameter: PipelineParameter;
  before?: PipelineParameter;
  onChange(value: string): void;
}) {
  const { parameter, before, onChange } = props;
  const t = useText();
  // A text that the file cannot take yet stays in its field until it is left.
  const [typed, setTyped] = useState<string>();
  const was = before && valueOf(before);
  const value = typed ?? valueOf(parameter);
  const set = (next: string) => {
    setTyped(next);
    onChange(next);
  };
  return (
    <div onBlur={() => setTyped(undefined)}>
      <ParameterField
        // A value that is missing is for the person who runs it.
        parameter={{ ...parameter, required: false }}
        value={value}
        onChange={set}
      />
      {was !== undefined && was !== value && (
        <Inline>
          <Judged as="quiet">
            {t('editor.was', {
              value: <Code>{was === '' ? t('effect.emptyValue') : was}</Code>,
            })}
          </Judged>
          <Button size="small" variant="tertiary" onPress={() => set(was)}>
            {t('editor.reset', { name: parameter.name })}
          </Button>
        </Inline>
      )}
    </div>
  );
}
