import type { Change } from '@backstage-mlops/mlops-core';
import { ToggleButton, ToggleButtonGroup } from '@backstage/ui';
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { useLinks, useQuery } from '../../routing';
import { useText } from '../../translation';
import { Inline } from '../../ui/Page';
import { Note, Panel } from '../../ui/Panel';
import { Judged } from '../../ui/State';
import { To } from '../../ui/To';
import styles from './DiffView.module.css';
import {
  countLines,
  differentPart,
  parseDiff,
  toPairs,
  type DiffHunk,
  type DiffLine,
} from './parseDiff';

type Files = Change['files'];
type Mode = 'split' | 'unified';

/** A longer diff is shown when it is asked for. */
const mostLines = 400;
/** On a phone two sides have no room. */
const isNarrow = () =>
  window.matchMedia?.('(max-width: 640px)').matches ?? false;

/** What differs in each file, side by side or below each other; each file has an address of its own. */
export function DiffView(props: { change: string; files: Files }) {
  const { change, files } = props;
  const t = useText();
  const [query, setQuery] = useQuery();
  const asked = query.get('diff');
  const usual: Mode = isNarrow() ? 'unified' : 'split';
  const mode: Mode = asked === 'split' || asked === 'unified' ? asked : usual;
  return (
    <Panel
      title={t('change.files', { count: files.length })}
      actions={
        <ToggleButtonGroup
          aria-label={t('change.diffView')}
          selectionMode="single"
          disallowEmptySelection
          selectedKeys={[mode]}
          onSelectionChange={keys => setQuery({ diff: String([...keys][0]) })}
        >
          <ToggleButton id="split">{t('change.split')}</ToggleButton>
          <ToggleButton id="unified">{t('change.unified')}</ToggleButton>
        </ToggleButtonGroup>
      }
    >
      {files.length === 0 && <Note>{t('change.noFiles')}</Note>}
      {files.map(file => (
        <FileDiff
          key={file.path}
          change={change}
          file={file}
          mode={mode}
          wanted={query.get('file') === file.path}
        />
      ))}
    </Panel>
  );
}

function FileDiff(props: {
  change: string;
  file: Files[number];
  mode: Mode;
  wanted: boolean;
}) {
  const { change, file, mode, wanted } = props;
  const t = useText();
  const links = useLinks();
  const place = useRef<HTMLElement>(null);
  const hunks = useMemo(() => parseDiff(file.diff), [file.diff]);
  const { added, removed } = countLines(hunks);
  const long = added + removed > mostLines;
  const [open, setOpen] = useState(wanted || !long);
  useEffect(() => {
    if (wanted) place.current?.scrollIntoView?.({ block: 'start' });
  }, [wanted]);
  return (
    <section ref={place} className={styles.file} aria-label={file.path}>
      <div className={styles.head}>
        <To href={links.change(change, { file: file.path, diff: mode })}>
          {file.path}
        </To>
        <Inline>
          {file.status !== 'modified' && (
            <Judged as={file.status === 'added' ? 'good' : 'bad'}>
              {t(`change.status.${file.status}`)}
            </Judged>
          )}
          <span>
            <Judged as="good">+{added}</Judged>{' '}
            <Judged as="bad">−{removed}</Judged>
          </span>
        </Inline>
      </div>
      <FileBody file={file} hunks={hunks} mode={mode} open={open} />
      {!open && (
        <button
          type="button"
          className={styles.more}
          onClick={() => setOpen(true)}
        >
          {t('change.showDiff', { amount: String(added + removed) })}
        </button>
      )}
    </section>
  );
}

function FileBody(props: {
  file: Files[number];
  hunks: DiffHunk[];
  mode: Mode;
  open: boolean;
}) {
  const { file, hunks, mode, open } = props;
  const t = useText();
  if (hunks.length === 0)
    return (
      <div className={styles.note}>
        <Note>
          {file.diff === '' ? t('change.binary') : t('change.noLines')}
        </Note>
      </div>
    );
  if (!open) return null;
  return (
    // The lines scroll sideways in their frame, by keyboard too.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div
      className={styles.frame}
      tabIndex={0}
      role="region"
      aria-label={file.path}
    >
      <table
        className={`${styles.table} ${mode === 'split' ? styles.split : ''}`}
      >
        {mode === 'split' && (
          <colgroup>
            <col className={styles.narrow} />
            <col />
            <col className={styles.narrow} />
            <col />
          </colgroup>
        )}
        <tbody>
          {hunks.map(hunk => (
            <Hunk key={hunk.header} hunk={hunk} mode={mode} />
          ))}
        </tbody>
      </table>
      {file.truncated && <Note>{t('change.truncated')}</Note>}
    </div>
  );
}

function Hunk({ hunk, mode }: { hunk: DiffHunk; mode: Mode }) {
  return (
    <>
      <tr className={styles.hunk}>
        <td colSpan={4}>{hunk.header}</td>
      </tr>
      {mode === 'split' ? <Split hunk={hunk} /> : <Unified hunk={hunk} />}
    </>
  );
}

function Split({ hunk }: { hunk: DiffHunk }) {
  return (
    <>
      {toPairs(hunk).map(({ before, after }, index) => (
        // eslint-disable-next-line react/no-array-index-key
        <tr key={index}>
          <Side line={before} number={before?.old} other={after} />
          <Side line={after} number={after?.new} other={before} />
        </tr>
      ))}
    </>
  );
}

function Side(props: { line?: DiffLine; number?: number; other?: DiffLine }) {
  const { line, number, other } = props;
  if (!line)
    return (
      <>
        <td className={styles.number} />
        <td className={styles.nothing} />
      </>
    );
  return (
    <>
      <td className={`${styles.number} ${styles[line.kind]}`}>{number}</td>
      <td className={`${styles.line} ${styles[line.kind]}`}>
        <Marked line={line} other={other} />
      </td>
    </>
  );
}

function Unified({ hunk }: { hunk: DiffHunk }) {
  return (
    <>
      {hunk.lines.map(line => (
        <tr key={`${line.old}:${line.new}`} className={styles[line.kind]}>
          <td className={styles.number}>{line.old}</td>
          <td className={styles.number}>{line.new}</td>
          <td className={styles.line} colSpan={2}>
            <Marked line={line} />
          </td>
        </tr>
      ))}
    </>
  );
}

const signs = { same: ' ', added: '+', removed: '−' } as const;

/** A line with its sign; the part that differs from the line beside it stands out. */
function Marked(props: { line: DiffLine; other?: DiffLine }): ReactNode {
  const { line, other } = props;
  const { kind, text } = line;
  const sign = (
    <span className={styles.sign} aria-hidden={kind === 'same'}>
      {signs[kind]}
    </span>
  );
  if (kind === 'same' || !other || other.kind === kind)
    return (
      <code>
        {sign}
        {text}
      </code>
    );
  const { start, end } = differentPart(text, other.text);
  return (
    <code>
      {sign}
      {text.slice(0, start)}
      <mark>{text.slice(start, end)}</mark>
      {text.slice(end)}
    </code>
  );
}
