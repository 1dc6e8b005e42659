import { SearchField } from '@backstage/ui';
import type { ProjectFileList } from '@backstage-mlops/mlops-core';
import { useQuery, useQueryLink } from '../../routing';
import { useText } from '../../translation';
import { Note } from '../../ui/Panel';
import { Judged } from '../../ui/State';
import { To } from '../../ui/To';
import {
  stateOf,
  withFile,
  type FilesDraft,
  type FileState,
} from './filesDraft';
import styles from './Files.module.css';
import { foldersOf, type Folder } from './foldersOf';
import { PathButton } from './PathButton';

type Files = FilesDraft['files'];

const tones = { added: 'good', deleted: 'bad', modified: 'warn' } as const;

/** The files of the project by folder, those that are edited marked; a search, and a new file. */
export function FileList(props: {
  list: ProjectFileList;
  /** With those that the edit brings. */
  paths: string[];
  files: Files;
  /** The file that is open. */
  open?: string;
  onFiles(files: Files): void;
}) {
  const { list, paths, files, open, onFiles } = props;
  const { folder, items, truncated } = list;
  const t = useText();
  const [query, change] = useQuery();
  const wanted = query.get('search') ?? '';
  const noFiles = new Set(
    items.filter(({ kind }) => kind !== 'file').map(({ path }) => path),
  );
  const inside = paths
    .filter(path => !noFiles.has(path))
    .map(path => path.slice(folder.length + 1));
  const found = inside.filter(path =>
    path.toLowerCase().includes(wanted.toLowerCase()),
  );
  return (
    <div className={styles.side}>
      <SearchField
        size="small"
        aria-label={t('files.search')}
        placeholder={t('files.search')}
        value={wanted}
        onChange={search => change({ search })}
      />
      <PathButton
        label={t('files.add')}
        title={t('files.addTitle')}
        confirm={t('files.addConfirm')}
        folder={folder}
        taken={path => paths.includes(path) && files[path]?.text !== null}
        onPath={path => {
          onFiles(withFile(files, path, { original: null, text: '' }));
          change({ file: path, pane: query.get('pane') ? 'text' : undefined });
        }}
      />
      {found.length === 0 && <Note>{t('files.noneFound')}</Note>}
      <nav className={styles.tree} aria-label={t('files.files')}>
        <Branch
          of={foldersOf(found)}
          prefix={folder}
          files={files}
          open={open}
          isSearch={wanted !== ''}
        />
      </nav>
      {truncated && <Note>{t('files.truncated')}</Note>}
    </div>
  );
}

interface BranchProps {
  of: Folder;
  prefix: string;
  files: Files;
  open?: string;
  isSearch: boolean;
}

/** Files first, since what a project is stands in its own folder; a folder opens where there is something to see in it. */
function Branch(props: BranchProps) {
  const { of, prefix, files, open, isSearch } = props;
  return (
    <ul className={styles.list}>
      {of.files.map(name => (
        <li key={name}>
          <Item name={name} path={`${prefix}/${name}`} {...props} />
        </li>
      ))}
      {of.folders.map(({ name, ...folder }) => {
        const path = `${prefix}/${name}`;
        const isSeen =
          isSearch ||
          open?.startsWith(`${path}/`) ||
          Object.keys(files).some(file => file.startsWith(`${path}/`));
        return (
          <li key={name}>
            <details open={isSeen || folder.count <= 12}>
              <summary className={styles.folder}>{name}</summary>
              <Branch {...props} of={folder} prefix={path} />
            </details>
          </li>
        );
      })}
    </ul>
  );
}

function Item(props: {
  name: string;
  path: string;
  files: Files;
  open?: string;
}) {
  const { name, path, files, open } = props;
  const linkTo = useQueryLink();
  const [query] = useQuery();
  const state = stateOf(files[path]);
  return (
    <span
      className={`${styles.file} ${path === open ? styles.open : ''}`}
      aria-current={path === open ? 'true' : undefined}
    >
      <To
        href={linkTo({
          file: path,
          pane: query.get('pane') ? 'text' : undefined,
        })}
      >
        {name}
      </To>
      {state && <Mark state={state} />}
    </span>
  );
}

function Mark({ state }: { state: FileState }) {
  const t = useText();
  return <Judged as={tones[state]}>{t(`files.state.${state}`)}</Judged>;
}
