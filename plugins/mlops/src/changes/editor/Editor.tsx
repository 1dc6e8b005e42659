import { useApi } from '@backstage/core-plugin-api';
import { Alert } from '@backstage/ui';
import { completionsAt, type Problem } from '@backstage-mlops/argo-engine';
import type {
  Change,
  ChangeRequest,
  Pipeline,
  Run,
} from '@backstage-mlops/mlops-core';
import { lazy, Suspense, useMemo, useState } from 'react';
import { useNavigate } from 'react-router-dom';
import { mlopsApiRef } from '../../api/mlopsApiRef';
import { newKey } from '../../api/newKey';
import { useLinks, useQuery } from '../../routing';
import { useAction } from '../../ui/useAction';
import { useText } from '../../translation';
import { Outline } from '../../ui/Fetched';
import { useEffectOf } from '../effect/useEffectOf';
import { EffectPane } from './EffectPane';
import { FormPane } from './FormPane';
import { hasMarkers } from './hasMarkers';
import { LeaveGuard } from './LeaveGuard';
import { Moved } from './Moved';
import { Panes } from './Panes';
import {
  readPipelineText,
  setParameter,
  templateLine,
  withParametersOf,
} from './pipelineText';
import { ProposePane } from './ProposePane';
import { suggestTitle } from './suggestTitle';
import { useDraft, type Draft, type Drafting } from './useDraft';
import type { Jump } from './YamlEditor';

const YamlEditor = lazy(() =>
  import('./YamlEditor').then(({ YamlEditor: editor }) => ({
    default: editor,
  })),
);

interface EditorProps {
  /** As it is now; a newer one comes while somebody edits. */
  pipeline: Pipeline;
  /** The request whose branch is edited. */
  into?: Change;
  /** The run whose parameters become the defaults. */
  run?: Run;
  allowed: boolean;
}

/** Form, text and effect of one edit, in step; and what becomes of it. */
export function Editor(props: EditorProps) {
  const { pipeline, into, run, allowed } = props;
  const { project, name, file } = pipeline;
  const t = useText();
  const [query, setQuery] = useQuery();
  const fresh = useFresh(props);
  const drafting = useDraft(
    [project, name, into?.id, run?.id].filter(Boolean).join(' '),
    fresh,
  );
  const { draft, change } = drafting;
  const changed = draft.text !== draft.original;
  const edits = [{ path: file, content: draft.text }];
  const effect = useEffectOf(
    changed
      ? {
          project,
          title: t('editor.title.any', { pipeline: name }),
          edits,
          base: draft.base,
        }
      : undefined,
  );
  const form = useForm(drafting, pipeline);
  const [jump, setJump] = useState<Jump | undefined>(() => {
    const template = query.get('template');
    const line = template && templateLine(draft.text, pipeline, template);
    return line ? { line } : undefined;
  });
  const onLine = (line: number, column?: number) => {
    if (query.get('pane')) setQuery({ pane: 'yaml' });
    setJump({ line, column });
  };
  const found = effect.stale ? undefined : effect.effect?.findings;
  const problems = problemsOf(
    form.read.problems,
    changed ? found : pipeline.problems,
    file,
  );
  const suggested = suggestTitle(t, name, changed ? effect.effect : undefined);
  const { submit, busy, fault } = useSubmit({ ...props, drafting, suggested });
  return (
    <>
      <LeaveGuard when={drafting.dirty} />
      <Remarks drafting={drafting} run={run} />
      <Moved pipeline={pipeline} drafting={drafting} />
      <Panes
        panes={[
          {
            id: 'form',
            title: t('editor.form'),
            content: (
              <FormPane
                read={form.read}
                before={form.before}
                fault={form.fault}
                onChange={form.set}
              />
            ),
          },
          {
            id: 'yaml',
            title: t('editor.yaml'),
            content: (
              <Suspense fallback={<Outline />}>
                <YamlEditor
                  label={t('editor.yamlOf', { file })}
                  value={draft.text}
                  onChange={text => change({ text })}
                  problems={problems}
                  jump={jump}
                  suggest={completionsAt}
                />
              </Suspense>
            ),
          },
          {
            id: 'effect',
            title: t('editor.effect'),
            content: (
              <EffectPane
                state={effect}
                changed={changed}
                project={project}
                file={file}
                onLine={onLine}
              />
            ),
          },
        ]}
      />
      <ProposePane
        drafting={drafting}
        suggested={suggested}
        into={into}
        changed={changed}
        markers={hasMarkers(draft.text, draft.original)}
        faults={problems.filter(({ severity }) => severity === 'error').length}
        allowed={allowed}
        busy={busy}
        fault={fault}
        onSubmit={submit}
      />
    </>
  );
}

/** The edit as it begins: the text in git, with the parameters of a run where the address names one. */
function useFresh({ pipeline, run, into }: EditorProps): Draft {
  const [fresh] = useState<Draft>(() => ({
    base: into?.head ?? pipeline.commit,
    original: pipeline.source,
    text: run
      ? withParametersOf(run, pipeline.source, pipeline)
      : pipeline.source,
    message: '',
    reviewers: [],
    draft: false,
    trial: false,
  }));
  return fresh;
}

/** The form's side of the text: what it reads there, and how it writes into it. */
function useForm({ draft, change }: Drafting, of: Pipeline) {
  const { file, name } = of;
  const [fault, setFault] = useState<string>();
  const read = useMemo(
    () => readPipelineText(draft.text, { file, name }),
    [draft.text, file, name],
  );
  const before = useMemo(
    () => readPipelineText(draft.original, { file, name }),
    [draft.original, file, name],
  );
  const set = (parameter: string, value: string) => {
    try {
      const { text, original } = draft;
      const to = { name: parameter, value, original };
      change({ text: setParameter(text, { file, name }, to) });
      setFault(undefined);
    } catch (error) {
      setFault((error as Error).message);
    }
  };
  return { read, before, fault, set };
}

/** What is marked in the text: what cannot be read at once, the rest as soon as the portal has looked. */
function problemsOf(
  unread: Problem[],
  found: Problem[] | undefined,
  file: string,
): Problem[] {
  if (unread.some(({ severity }) => severity === 'error') || !found)
    return unread;
  return found.filter(problem => problem.file === file);
}

function useSubmit(
  props: EditorProps & { drafting: Drafting; suggested: string },
) {
  const { pipeline, into, drafting, suggested } = props;
  const api = useApi(mlopsApiRef);
  const links = useLinks();
  const navigate = useNavigate();
  const { act, busy, fault } = useAction();
  const { draft, done } = drafting;
  const edits = [{ path: pipeline.file, content: draft.text }];
  const title = draft.title?.trim() || suggested;
  const submit = () =>
    act(async () => {
      const change = into
        ? await api.updateChange(into.id, { edits, head: draft.base })
        : await api.openChange(toRequest(pipeline, draft, title), newKey());
      done();
      navigate(links.change(change.id));
    });
  return { submit, busy, fault };
}

function toRequest(
  { project, name, file }: Pipeline,
  draft: Draft,
  title: string,
): ChangeRequest {
  const { text, base, message, reviewers } = draft;
  return {
    project,
    title,
    base,
    edits: [{ path: file, content: text }],
    ...(message.trim() ? { message } : {}),
    ...(reviewers.length > 0 ? { reviewers } : {}),
    ...(draft.draft ? { draft: true } : {}),
    ...(draft.trial ? { trialRun: { pipeline: name } } : {}),
  };
}

/** Where the edit comes from, when it did not begin empty. */
function Remarks({ drafting, run }: { drafting: Drafting; run?: Run }) {
  const { draft, restored } = drafting;
  const t = useText();
  if (restored)
    return <Alert status="info" icon title={t('editor.restored')} />;
  if (!run) return null;
  const same = draft.text === draft.original;
  return (
    <Alert
      status="info"
      icon
      title={t(same ? 'editor.fromRunSame' : 'editor.fromRun', { run: run.id })}
    />
  );
}
