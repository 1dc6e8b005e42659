import type { PipelineParameter } from '@backstage-mlops/mlops-core';
import { useText } from '../translation';
import { Code, Note } from '../ui/Panel';
import { Table } from '../ui/Table';

/** What a person may set before a run. */
export function ParameterTable(props: { parameters: PipelineParameter[] }) {
  const t = useText();
  if (props.parameters.length === 0)
    return <Note>{t('pipeline.noParameters')}</Note>;
  return (
    <Table
      cards
      label={t('pipeline.parameters')}
      columns={[
        t('pipeline.name'),
        t('pipeline.default'),
        t('pipeline.meaning'),
      ]}
      rows={props.parameters.map(item => ({
        key: item.name,
        cells: [
          item.name,
          <Code>{item.value ?? item.default ?? t('pipeline.required')}</Code>,
          [
            item.description,
            item.enum && t('pipeline.oneOf', { values: item.enum.join(', ') }),
          ]
            .filter(Boolean)
            .join(' '),
        ],
      }))}
    />
  );
}
