import { Alert } from '@backstage/ui';
import type { Change, ProjectFileList } from '@backstage-mlops/mlops-core';
import { useState } from 'react';
import { useQuery } from '../../routing';
import { useText } from '../../translation';
import { hasMarkers } from '../editor/hasMarkers';
import { LeaveGuard } from '../editor/LeaveGuard';
import { Panes } from '../editor/Panes';
import { ProposePane } from '../editor/ProposePane';
import { useDraftOf, type DraftKind } from '../editor/useDraft';
import type { Jump } from '../editor/YamlEditor';
import { useEffectOf } from '../effect/useEffectOf';
import { ChangedFiles } from './ChangedFiles';
import { editsOf, pathsWith, type FilesDraft } from './filesDraft';
import { FileList } from './FileList';
import { FilesMoved } from './FilesMoved';
import { FileText } from './FileText';
import { suggestFilesTitle } from './suggestFilesTitle';
import { useSubmitFiles } from './useSubmitFiles';

const ofFiles: DraftKind<FilesDraft> = {
  isEdited: draft => Object.keys(draft.files).length > 0,
  reset: ({ base }) => ({ base, files: {} }),
};

export interface FilesEditorProps {
  list: ProjectFileList;
  /** The request whose branch is edited. */
  into?: Change;
  /** The pipeline that is run on the branch on demand. */
  trial?: string;
  allowed: boolean;
}

/** The files of a project, the text of one of them, and what the edit of all comes to. */
export function FilesEditor(props: FilesEditorProps) {
  const { list, into, trial, allowed } = props;
  const { project, folder } = list;
  const t = useText();
  const [query, setQuery] = useQuery();
  const [jump, setJump] = useState<Jump>();
  const drafting = useDraftOf<FilesDraft>(
    ['files', project, into?.id].filter(Boolean).join(' '),
    {
      base: list.commit,
      files: {},
      message: '',
      reviewers: [],
      draft: false,
      trial: false,
    },
    ofFiles,
  );
  const { draft, change, dirty, discard, restored } = drafting;
  const edits = editsOf(draft.files);
  const changed = edits.length > 0;
  const suggested = suggestFilesTitle(t, draft.files);
  const effect = useEffectOf(
    changed
      ? { project, title: suggested, edits, base: draft.base }
      : undefined,
  );
  const findings =
    changed && !effect.stale ? effect.effect?.findings ?? [] : [];
  const paths = pathsWith(
    list.items.map(item => item.path),
    draft.files,
  );
  const file = query.get('file') ?? undefined;
  const { submit, busy, fault } = useSubmitFiles({
    ...props,
    drafting,
    suggested,
  });
  return (
    <>
      <LeaveGuard when={dirty} />
      {restored && <Alert status="info" icon title={t('editor.restored')} />}
      <FilesMoved list={list} drafting={drafting} />
      <Panes
        shown={file ? 'text' : undefined}
        panes={[
          {
            id: 'files',
            title: t('files.files'),
            content: (
              <FileList
                list={list}
                paths={paths}
                files={draft.files}
                open={file}
                onFiles={files => change({ files })}
              />
            ),
          },
          {
            id: 'text',
            title: file ? file.slice(folder.length + 1) : t('files.text'),
            content: (
              <FileText
                key={file}
                list={list}
                path={file}
                base={draft.base}
                paths={paths}
                files={draft.files}
                findings={findings}
                jump={jump}
                onFiles={files => change({ files })}
              />
            ),
          },
          {
            id: 'effect',
            title: t('files.effect'),
            content: (
              <ChangedFiles
                folder={folder}
                files={draft.files}
                state={effect}
                project={project}
                open={file}
                onLine={(line, column) => {
                  if (query.get('pane')) setQuery({ pane: 'text' });
                  setJump({ line, column });
                }}
              />
            ),
          },
        ]}
      />
      <ProposePane
        drafting={{ draft, dirty, change, discard }}
        suggested={suggested}
        noTrial={!trial}
        into={into}
        changed={changed}
        markers={Object.values(draft.files).some(({ original, text }) =>
          hasMarkers(text ?? '', original ?? ''),
        )}
        faults={findings.filter(({ severity }) => severity === 'error').length}
        allowed={allowed}
        busy={busy}
        fault={fault}
        onSubmit={submit}
      />
    </>
  );
}
