import { useApi } from '@backstage/core-plugin-api';
import { Select, TextField } from '@backstage/ui';
import { useState } from 'react';
import { useNavigate } from 'react-router-dom';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { newKey } from '../api/newKey';
import { listAgainMs } from '../api/useLiveRuns';
import { useResource } from '../api/useResource';
import { useLinks } from '../routing';
import { useText } from '../translation';
import { shortCommit } from '../ui/figures';
import { Code, Note, Panel } from '../ui/Panel';
import { Table } from '../ui/Table';
import { ConfirmButton } from '../ui/ConfirmButton';

/** Branches that were pushed and nobody proposed; nothing when there are none. */
export function LooseBranches({ project }: { project?: string }) {
  const api = useApi(mlopsApiRef);
  const t = useText();
  const branches = useResource({
    key: 'loose branches',
    load: () => api.listLooseBranches(),
    againMs: () => listAgainMs,
  });
  const items = branches.value?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Panel title={t('changes.loose')}>
      <Note>{t('changes.looseNote')}</Note>
      <Table
        cards
        label={t('changes.loose')}
        columns={[t('changes.branch'), t('changes.head'), t('changes.action')]}
        rows={items.map(({ branch, head }) => ({
          key: branch,
          cells: [
            <Code>{branch}</Code>,
            <Code whole>{shortCommit(head)}</Code>,
            <OpenBranch branch={branch} project={project} />,
          ],
        }))}
      />
    </Panel>
  );
}

/** Opens a branch as a request, under a title. */
function OpenBranch(props: { branch: string; project?: string }) {
  const { branch } = props;
  const api = useApi(mlopsApiRef);
  const t = useText();
  const links = useLinks();
  const navigate = useNavigate();
  const [title, setTitle] = useState(() => titleOf(branch));
  const [project, setProject] = useState(props.project ?? '');
  const open = async () => {
    const request = { project, title: title.trim(), branch, edits: [] };
    const change = await api.openChange(request, newKey());
    navigate(links.change(change.id));
  };
  return (
    <ConfirmButton
      label={t('changes.openBranch')}
      title={t('changes.branchDialog', { branch })}
      text={t('changes.looseNote')}
      refused={t('editor.refused')}
      onConfirm={open}
    >
      <TextField
        label={t('changes.branchTitle')}
        value={title}
        onChange={setTitle}
      />
      {!props.project && (
        <ProjectChoice value={project} onChange={setProject} />
      )}
    </ConfirmButton>
  );
}

function ProjectChoice(props: {
  value: string;
  onChange(project: string): void;
}) {
  const { value, onChange } = props;
  const api = useApi(mlopsApiRef);
  const t = useText();
  const projects = useResource({
    key: 'projects of branches',
    load: () => api.listProjects(),
  });
  return (
    <Select
      label={t('changes.columns.project')}
      value={value || null}
      onChange={key => onChange(String(key))}
      options={(projects.value?.items ?? []).map(({ name }) => ({
        id: name,
        label: name,
      }))}
    />
  );
}

/** `more-epochs` and `feature/more_epochs` as `More epochs`. */
export function titleOf(branch: string): string {
  const last = branch.split('/').pop()!.replace(/[-_]+/g, ' ').trim();
  return last === '' ? branch : last[0].toUpperCase() + last.slice(1);
}
