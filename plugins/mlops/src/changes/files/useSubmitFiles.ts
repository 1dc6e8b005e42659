import { useApi } from '@backstage/core-plugin-api';
import type { ChangeRequest } from '@backstage-mlops/mlops-core';
import { useNavigate } from 'react-router-dom';
import { mlopsApiRef } from '../../api/mlopsApiRef';
import { newKey } from '../../api/newKey';
import { useLinks } from '../../routing';
import { useAction } from '../../ui/useAction';
import type { Drafting } from '../editor/useDraft';
import { editsOf, type FilesDraft } from './filesDraft';
import type { FilesEditorProps } from './FilesEditor';

/** Opens a request of the edit, or puts it on the branch of one, and goes there. */
export function useSubmitFiles(
  props: FilesEditorProps & {
    drafting: Drafting<FilesDraft>;
    suggested: string;
  },
) {
  const { into, drafting } = props;
  const api = useApi(mlopsApiRef);
  const links = useLinks();
  const navigate = useNavigate();
  const { act, busy, fault } = useAction();
  const { draft, done } = drafting;
  const submit = () =>
    act(async () => {
      const change = into
        ? await api.updateChange(into.id, {
            edits: editsOf(draft.files),
            head: draft.base,
          })
        : await api.openChange(toRequest(props), newKey());
      done();
      navigate(links.change(change.id));
    });
  return { submit, busy, fault };
}

function toRequest({
  list,
  trial,
  drafting,
  suggested,
}: Parameters<typeof useSubmitFiles>[0]): ChangeRequest {
  const { files, base, title, message, reviewers, draft, ...wish } =
    drafting.draft;
  return {
    project: list.project,
    title: title?.trim() || suggested,
    base,
    edits: editsOf(files),
    ...(message.trim() ? { message } : {}),
    ...(reviewers.length > 0 ? { reviewers } : {}),
    ...(draft ? { draft: true } : {}),
    ...(wish.trial && trial ? { trialRun: { pipeline: trial } } : {}),
  };
}
