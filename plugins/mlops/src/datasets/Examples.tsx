import type { DatasetDetail } from '@backstage-mlops/mlops-core';
import type { ReactNode } from 'react';
import { datasetFileRoute } from '../api/MlopsClient';
import { Stack } from '../ui/Page';
import { Note, Panel } from '../ui/Panel';
import { Gallery } from '../ui/Picture';
import { Table } from '../ui/Table';
import styles from './Examples.module.css';

interface Example {
  path?: string;
  note: string;
  values?: Record<string, string | number>;
}

/** Examples of a dataset: pictures in a grid, rows in a table. */
export function Examples(props: {
  title: string;
  /** Heads the notes, where the examples are rows. */
  noteTitle: string;
  none: string;
  dataset: DatasetDetail;
  items: Example[];
  children?: ReactNode;
}) {
  const { title, noteTitle, none, dataset, items, children } = props;
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
        {rows.length > 0 && (
          <Rows title={title} noteTitle={noteTitle} rows={rows} />
        )}
      </Stack>
    </Panel>
  );
}

function Rows(props: { title: string; noteTitle: string; rows: Example[] }) {
  const { title, noteTitle, rows } = props;
  const names = [
    ...new Set(rows.flatMap(({ values }) => Object.keys(values ?? {}))),
  ];
  return (
    <Table
      label={title}
      tall
      columns={[noteTitle, ...names]}
      rows={rows.map(({ note, values }, i) => ({
        key: String(i),
        cells: [
          <div className={styles.note}>{note}</div>,
          ...names.map(name => values?.[name]),
        ],
      }))}
    />
  );
}
