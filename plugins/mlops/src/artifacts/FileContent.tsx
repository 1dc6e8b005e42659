import { useText } from '../translation';
import { Note } from '../ui/Panel';
import { Table } from '../ui/Table';
import styles from './ArtifactView.module.css';
import { fileKind, isBinary, pretty } from './fileKind';
import { parseCsv } from './parseCsv';

/** Rows of a table and characters of a text that are shown; a longer file can be downloaded. */
const mostRows = 200;
const mostCharacters = 200_000;

/** A file as a person reads it: CSV as a table, JSON with line breaks, other text as it is. */
export function FileContent({ name, text }: { name: string; text: string }) {
  const t = useText();
  if (text === '') return <Note>{t('node.emptyFile')}</Note>;
  if (isBinary(text)) return <Note>{t('node.binary')}</Note>;
  if (fileKind(name) === 'table') return <CsvTable name={name} text={text} />;
  return (
    <pre
      className={styles.text}
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
    >
      {pretty(text).slice(0, mostCharacters)}
    </pre>
  );
}

function CsvTable({ name, text }: { name: string; text: string }) {
  const t = useText();
  const [head = [], ...rows] = parseCsv(text, mostRows + 2);
  const titles = head.map((title, i) =>
    // Two columns of one name would be one key.
    head.indexOf(title) === i ? title : `${title} (${i + 1})`,
  );
  return (
    <>
      <div className={styles.scroll}>
        <Table
          label={name}
          columns={titles}
          rows={rows
            .slice(0, mostRows)
            .map((cells, i) => ({ key: String(i), cells }))}
        />
      </div>
      {rows.length > mostRows && (
        <Note>{t('node.cut', { rows: String(mostRows) })}</Note>
      )}
    </>
  );
}
