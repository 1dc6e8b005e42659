/* eslint-disable jsx-a11y/no-redundant-roles, jsx-a11y/no-interactive-element-to-noninteractive-role -- see Table */
import type { ReactNode } from 'react';
import styles from './Table.module.css';

/** One column. */
export interface TableColumn {
  title: string;
  /** Figures stand to the right, so that they line up. */
  figures?: boolean;
}

/** One row: a cell for each column. */
export interface TableRow {
  key: string;
  cells: ReactNode[];
}

/**
 * A table. Where there is no room for its columns it scrolls in itself or, with `cards`, each row becomes a card whose cells
 * carry the names of their columns. Roles are written out, since `display: block` takes them away.
 */
export function Table(props: {
  label: string;
  columns: (string | TableColumn)[];
  rows: TableRow[];
  /** `small` for columns of a word or a figure, which need less room. */
  cards?: boolean | 'small';
  /** Many rows scroll below their heads. */
  tall?: boolean;
}) {
  const { label, rows, cards, tall } = props;
  const columns = props.columns.map(column =>
    typeof column === 'string' ? { title: column } : column,
  );
  return (
    <div
      className={`${styles.frame} ${cardsClass(cards)} ${
        tall ? styles.tall : ''
      }`}
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      role="group"
      aria-label={label}
    >
      <table className={styles.table} role="table" aria-label={label}>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map(({ title, figures }) => (
              <th
                key={title}
                scope="col"
                role="columnheader"
                className={figures ? styles.figures : undefined}
              >
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map(row => (
            <Row key={row.key} row={row} columns={columns} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

const cardsClass = (cards?: boolean | 'small') => {
  if (!cards) return '';
  return cards === 'small' ? styles.smallCards : styles.cards;
};

function Row({ row, columns }: { row: TableRow; columns: TableColumn[] }) {
  return (
    <tr role="row">
      {columns.map(({ title, figures }, i) => (
        <td
          key={title}
          role="cell"
          data-title={title}
          className={figures ? styles.figures : undefined}
        >
          {row.cells[i]}
        </td>
      ))}
    </tr>
  );
}
