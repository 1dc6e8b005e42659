import { useApi } from '@backstage/core-plugin-api';
import { Button } from '@backstage/ui';
import { completionsAt, type Problem } from '@backstage-mlops/argo-engine';
import type { ProjectFileList } from '@backstage-mlops/mlops-core';
import { lazy, Suspense, useRef } from 'react';
import { mlopsApiRef } from '../../api/mlopsApiRef';
import { useResource } from '../../api/useResource';
import { useQuery } from '../../routing';
import { useText } from '../../translation';
import { Fetched, Outline } from '../../ui/Fetched';
import { Inline } from '../../ui/Page';
import { Note } from '../../ui/Panel';
import type { Jump } from '../editor/YamlEditor';
import {
  renamed,
  stateOf,
  withFile,
  type EditedFile,
  type FilesDraft,
} from './filesDraft';
import styles from './Files.module.css';
import { ownProblems } from './ownProblems';
import { PathButton } from './PathButton';

const YamlEditor = lazy(() =>
  import('../editor/YamlEditor').then(({ YamlEditor: editor }) => ({
    default: editor,
  })),
);

type Files = FilesDraft['files'];

interface FileTextProps {
  list: ProjectFileList;
  path?: string;
  /** Commit that the texts are taken from. */
  base: string;
  paths: string[];
  files: Files;
  findings: Problem[];
  jump?: Jump;
  onFiles(files: Files): void;
}

/** The text of one file, and what can be done with the file as a whole. */
export function FileText(props: FileTextProps) {
  const { list, path, base, files } = props;
  const t = useText();
  const api = useApi(mlopsApiRef);
  const edited = path === undefined ? undefined : files[path];
  // A file that is edited stays open as it is when its edit comes to stand on another commit.
  const at = useRef(base);
  if (!edited) at.current = base;
  const commit = at.current;
  const file = useResource<EditedFile | null>({
    key: `file ${list.project} ${commit} ${edited?.original === null} ${path}`,
    async load() {
      if (path === undefined || edited?.original === null) return null;
      const { text } = await api.getFile(list.project, path, commit);
      return text === undefined ? null : { original: text, text };
    },
  });
  if (path === undefined) return <Note>{t('files.choose')}</Note>;
  return (
    <Fetched of={file} what={t('what.file')}>
      {inGit => {
        const now = edited ?? inGit;
        return now ? (
          <Opened {...props} path={path} now={now} />
        ) : (
          <NoText {...props} path={path} />
        );
      }}
    </Fetched>
  );
}

function Opened(props: FileTextProps & { path: string; now: EditedFile }) {
  const { list, path, files, findings, jump, paths, now, onFiles } = props;
  const { folder } = list;
  const t = useText();
  const [, change] = useQuery();
  const { original, text } = now;
  const set = (value: string | null) =>
    onFiles(withFile(files, path, { original, text: value }));
  if (text === null)
    return (
      <div className={styles.place}>
        <Note>{t('files.removed')}</Note>
        <Button size="small" variant="secondary" onPress={() => set(original)}>
          {t('files.putBack')}
        </Button>
      </div>
    );
  const own = ownProblems(folder, path, text);
  const told = findings.filter(problem => problem.file === path);
  return (
    <div className={styles.place}>
      <Inline>
        <PathButton
          key={path}
          label={t('files.rename')}
          title={t('files.renameTitle')}
          confirm={t('files.renameConfirm')}
          folder={folder}
          path={path}
          taken={to => paths.includes(to) && files[to]?.text !== null}
          onPath={to => {
            onFiles(renamed(files, { from: path, to, text }));
            change({ file: to });
          }}
        />
        <Button
          size="small"
          variant="secondary"
          onPress={() => {
            set(null);
            if (original === null) change({ file: undefined });
          }}
        >
          {t('files.remove')}
        </Button>
        {stateOf(files[path]) === 'modified' && (
          <Button
            size="small"
            variant="secondary"
            onPress={() => set(original)}
          >
            {t('files.putBack')}
          </Button>
        )}
      </Inline>
      <Suspense fallback={<Outline />}>
        <YamlEditor
          label={t('files.textOf', { file: path })}
          value={text}
          onChange={set}
          problems={
            own.some(({ severity }) => severity === 'error') ||
            told.length === 0
              ? own
              : told
          }
          jump={jump}
          plain={!/\.ya?ml$/.test(path)}
          suggest={path.includes('/pipelines/') ? completionsAt : undefined}
        />
      </Suspense>
    </div>
  );
}

/** A file that is no text, or too large: it can go, and nothing else. */
function NoText(props: FileTextProps & { path: string }) {
  const { path, files, onFiles } = props;
  const t = useText();
  return (
    <div className={styles.place}>
      <Note>{t('files.noText')}</Note>
      <Button
        size="small"
        variant="secondary"
        onPress={() =>
          onFiles(withFile(files, path, { original: '', text: null }))
        }
      >
        {t('files.remove')}
      </Button>
    </div>
  );
}
