import { useApi } from '@backstage/core-plugin-api';
import { ButtonLink } from '@backstage/ui';
import type {
  AliasPage,
  AliasState,
  RegisteredModel,
} from '@backstage-mlops/mlops-core';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { listAgainMs } from '../api/useLiveRuns';
import { useResource } from '../api/useResource';
import { useLinks, useQuery } from '../routing';
import { useText } from '../translation';
import { DayField } from '../ui/DayField';
import { Fetched } from '../ui/Fetched';
import { nameOf, shortCommit } from '../ui/figures';
import { Inline } from '../ui/Page';
import { Code, Note, Panel } from '../ui/Panel';
import { Table } from '../ui/Table';
import { To } from '../ui/To';
import { ExactTime } from '../ui/When';
import { AliasBadge } from './AliasBadge';

const dayPattern = /^\d{4}-\d{2}-\d{2}$/;

/** Which version each alias is, which it was on a day, and how it came to be. */
export function AliasPanel({ model }: { model: RegisteredModel }) {
  const { project, name } = model;
  const api = useApi(mlopsApiRef);
  const t = useText();
  const [query, setQuery] = useQuery();
  const given = query.get('at') ?? '';
  const at = dayPattern.test(given) ? given : undefined;
  const aliases = useResource({
    key: `aliases ${project} ${name} ${at}`,
    load: () => api.listAliases(project, name, at),
    againMs: () => listAgainMs,
  });
  return (
    <Panel title={t('alias.title')}>
      <Now model={model} />
      {model.file && (
        <>
          <Inline>
            <DayField
              label={t('alias.at')}
              hint={t('alias.atHint')}
              value={given}
              onChange={day => setQuery({ at: day })}
            />
          </Inline>
          <Fetched of={aliases} what={t('alias.what')}>
            {page => (
              <>
                {at && <AsOf page={page} day={at} />}
                <History model={model} history={page.history} />
              </>
            )}
          </Fetched>
        </>
      )}
    </Panel>
  );
}

function Now({ model }: { model: RegisteredModel }) {
  const t = useText();
  const links = useLinks();
  if (model.aliases.length === 0) return <Note>{t('alias.none')}</Note>;
  return (
    <Inline>
      {model.aliases.map(alias => (
        <Inline key={alias.alias}>
          <AliasBadge alias={alias} />
          <To href={links.version(model.project, model.name, alias.version)}>
            {t('model.versionName', { version: alias.version })}
          </To>
        </Inline>
      ))}
    </Inline>
  );
}

function AsOf({ page, day }: { page: AliasPage; day: string }) {
  const t = useText();
  const text = page.items
    .map(({ alias, version }) =>
      t('alias.is', { alias, version: version ?? '' }),
    )
    .join(', ');
  return (
    <p role="status">
      {text === ''
        ? t('alias.noneAt', { day })
        : t('alias.asOf', { day, aliases: text })}
    </p>
  );
}

function History(props: { model: RegisteredModel; history: AliasState[] }) {
  const { model, history } = props;
  const t = useText();
  const links = useLinks();
  if (history.length === 0) return <Note>{t('alias.never')}</Note>;
  return (
    <Table
      cards
      label={t('alias.history')}
      columns={[
        t('alias.column'),
        t('alias.version'),
        t('alias.since'),
        t('alias.by'),
        t('alias.why'),
        t('alias.change'),
        t('alias.action'),
      ]}
      rows={history.map(state => ({
        key: `${state.commit} ${state.alias}`,
        cells: [
          state.alias,
          state.version ? (
            <To href={links.version(model.project, model.name, state.version)}>
              {t('model.versionName', { version: state.version })}
            </To>
          ) : (
            t('alias.gone')
          ),
          <ExactTime at={state.since} />,
          nameOf(state.by),
          state.reason,
          state.change ? (
            <To href={links.change(state.change)}>
              {t('alias.request', { change: state.change })}
            </To>
          ) : (
            <Code whole>{shortCommit(state.commit)}</Code>
          ),
          <RollBack model={model} state={state} />,
        ],
      }))}
    />
  );
}

/** Back to a version that the alias had; offered where it has a later one now. */
function RollBack(props: { model: RegisteredModel; state: AliasState }) {
  const { model, state } = props;
  const t = useText();
  const links = useLinks();
  const now = model.aliases.find(({ alias }) => alias === state.alias);
  if (
    !state.version ||
    !now?.declared ||
    Number(state.version) >= Number(now.version) ||
    model.allowed?.promote === false
  )
    return null;
  return (
    <ButtonLink
      size="small"
      variant="secondary"
      href={links.promote(
        model.project,
        model.name,
        state.version,
        state.alias,
      )}
    >
      {t('promote.rollBack')}
    </ButtonLink>
  );
}
