import { useApi } from '@backstage/core-plugin-api';
import { TextField } from '@backstage/ui';
import type { PromotionPreview } from '@backstage-mlops/mlops-core';
import { useState } from 'react';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { useResource } from '../api/useResource';
import { useModel } from '../models/ModelPage';
import { useLinks, useQuery } from '../routing';
import { useText } from '../translation';
import { Fetched } from '../ui/Fetched';
import { Page } from '../ui/Page';
import { Note, Panel } from '../ui/Panel';
import { CodeDiff } from './CodeDiff';
import { Disagreements } from './Disagreements';
import { Gates } from './Gates';
import { ProposePromotion } from './ProposePromotion';
import { SideBySide } from './SideBySide';

const usualAlias = 'champion';

/** All that a person decides by before a version takes an alias, and the request that proposes it. */
export function PromotePage(props: {
  project: string;
  model: string;
  version: string;
}) {
  const { project, model, version } = props;
  const api = useApi(mlopsApiRef);
  const t = useText();
  const links = useLinks();
  const [query, setQuery] = useQuery();
  const alias = query.get('alias') ?? usualAlias;
  const preview = useResource({
    key: `promotion ${project} ${model} ${version} ${alias}`,
    load: () => api.previewPromotion({ project, model, alias, version }),
  });
  const rollback = preview.value?.rollback ?? false;
  return (
    <Page
      title={t(rollback ? 'promote.back' : 'promote.title', { model, version })}
      crumbs={[
        { label: t('title'), href: links.home() },
        { label: project, href: links.project(project) },
        { label: model, href: links.model(project, model) },
      ]}
    >
      <AliasField
        key={alias}
        alias={alias}
        onChange={next =>
          setQuery({ alias: next === usualAlias ? undefined : next })
        }
      />
      <Fetched of={preview} what={t('promote.what')}>
        {value => <Shown preview={value} />}
      </Fetched>
    </Page>
  );
}

function AliasField(props: { alias: string; onChange(alias: string): void }) {
  const t = useText();
  const [text, setText] = useState(props.alias);
  const done = () => {
    const next = text.trim();
    if (next !== '' && next !== props.alias) props.onChange(next);
  };
  return (
    <Panel>
      <form
        onSubmit={event => {
          event.preventDefault();
          done();
        }}
      >
        <TextField
          label={t('promote.alias')}
          description={t('promote.aliasHint')}
          value={text}
          onChange={setText}
          onBlur={done}
        />
      </form>
    </Panel>
  );
}

function Shown({ preview }: { preview: PromotionPreview }) {
  const t = useText();
  const model = useModel(preview.project, preview.model);
  const { alias, champion, candidate } = preview;
  const isDone = preview.diff.length === 0;
  return (
    <>
      <Note>
        {isDone
          ? t('promote.already', { alias, after: candidate.version })
          : champion
          ? t('promote.lead', {
              alias,
              before: champion.version,
              after: candidate.version,
            })
          : t('promote.first', { alias, after: candidate.version })}
      </Note>
      <Gates preview={preview} />
      {!isDone && (
        <ProposePromotion
          preview={preview}
          mayPropose={model.value?.allowed?.promote ?? true}
        />
      )}
      <SideBySide
        preview={preview}
        primaryMetric={model.value?.primaryMetric}
      />
      <Disagreements preview={preview} />
      <CodeDiff preview={preview} />
    </>
  );
}
