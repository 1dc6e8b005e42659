import type { DatasetDetail } from '@backstage-mlops/mlops-core';
import type { ReactNode } from 'react';
import { datasetFileRoute } from '../api/MlopsClient';
import { useText } from '../translation';
import { Stack } from '../ui/Page';
import { Note, Panel } from '../ui/Panel';
import { Gallery } from '../ui/Picture';
import { Table } from '../ui/Table';

interface Example {
  path?: string;
  note: string;
  values?: Record<string, string | number>;
}

/** Examples of a dataset: pictures in a grid, rows in a table. */
export function Examples(props: {
  title: string;
  none: string;
  dataset: DatasetDetail;
  items: Example[];
  children?: ReactNode;
}) {
  const { title, none, dataset, items, children } = props;
  const pictures = items.filter(({ path }) => path !== undefined);
  const rows = items.filter(({ path }) => path === undefined);
  return (
    <Panel title={title}>
      {items.length === 0 && <Note>{none}</Note>}
      <Stack>
        {children}
        {pictures.length > 0 && (
          <Gallery
            items={pictures.map(({ path, note }) => ({
              key: path!,
              from: datasetFileRoute(dataset.project, dataset.name, path!),
              alt: note,
              caption: note,
            }))}
          />
        )}
        {rows.length > 0 && <Rows title={title} rows={rows} />}
      </Stack>
    </Panel>
  );
}

function Rows({ title, rows }: { title: string; rows: Example[] }) {
  const t = useText();
  const names = [
    ...new Set(rows.flatMap(({ values }) => Object.keys(values ?? {}))),
  ];
  return (
    <Table
      label={title}
      tall
      columns={[t('dataset.example'), ...names.map(name => ({ title: name }))]}
      rows={rows.map(({ note, values }, i) => ({
        key: String(i),
        cells: [note, ...names.map(name => values?.[name])],
      }))}
    />
  );
}
