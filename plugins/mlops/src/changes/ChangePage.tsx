import { useApi } from '@backstage/core-plugin-api';
import type { Change } from '@backstage-mlops/mlops-core';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { useResource } from '../api/useResource';
import { useLinks } from '../routing';
import { useText } from '../translation';
import { nameOf, shortCommit } from '../ui/figures';
import { Fetched } from '../ui/Fetched';
import { Markdown } from '../ui/Markdown';
import { Columns, Page } from '../ui/Page';
import { Code, Facts, Note, Panel } from '../ui/Panel';
import { Outside, To } from '../ui/To';
import { When } from '../ui/When';
import { ChangeActions } from './ChangeActions';
import { ChangeGraphs } from './ChangeGraphs';
import { ChangeHeadline } from './ChangeHeadline';
import styles from './Change.module.css';
import { Checks } from './Checks';
import { Conflicts } from './Conflicts';
import { Conversation } from './Conversation';
import { DiffView } from './diff/DiffView';
import { Reviewers } from './Reviewers';
import { Trial } from './Trial';
import { useLiveChanges } from './useLiveChanges';

/** Milliseconds between two looks at a request: while something goes on, and otherwise. */
const soonMs = 2_000;
const laterMs = 10_000;

/** How soon a request is looked at again; never once nothing can come. */
export function againMs(change?: Change): number | undefined {
  if (!change) return laterMs;
  if (change.state === 'merged') return change.live ? undefined : soonMs;
  if (change.state === 'closed') return undefined;
  const trial = change.trialRun?.phase;
  const busy =
    change.checksState === 'pending' ||
    trial === 'Pending' ||
    trial === 'Running';
  return busy ? soonMs : laterMs;
}

/** One request: what it changes, what is said of it, and what it waits for. */
export function ChangePage({ id }: { id: string }) {
  const api = useApi(mlopsApiRef);
  const t = useText();
  const change = useLiveChanges(
    useResource({
      key: `change ${id}`,
      load: () => api.getChange(id),
      againMs,
    }),
  );
  return (
    <Fetched isPage of={change} what={t('what.change')}>
      {value => <Shown change={value} onChange={change.reload} />}
    </Fetched>
  );
}

function Shown({ change, onChange }: { change: Change; onChange(): void }) {
  const t = useText();
  const links = useLinks();
  const { id, title, project } = change;
  return (
    <Page
      title={t('change.number', { id, title })}
      crumbs={[
        { label: t('title'), href: links.home() },
        { label: project, href: links.project(project) },
        {
          label: t('changes.title'),
          href: links.project(project, 'changes'),
        },
      ]}
      actions={<ChangeActions change={change} onChange={onChange} />}
    >
      <ChangeHeadline change={change} />
      <Columns
        main={
          <>
            <Conflicts change={change} />
            <Description change={change} />
            <Trial change={change} onChange={onChange} />
            <ChangeGraphs change={change} />
            <DiffView change={id} files={change.files} />
            <Conversation change={change} onChange={onChange} />
          </>
        }
        side={
          <>
            <Checks change={change} onChange={onChange} />
            <Reviewers change={change} />
            <About change={change} />
          </>
        }
      />
    </Page>
  );
}

function Description({ change }: { change: Change }) {
  const { message, promotion } = change;
  const t = useText();
  // The reason of a promotion is its message too.
  const isSaid =
    promotion !== undefined && message.trim() === promotion.reason.trim();
  return (
    <Panel title={t('change.description')}>
      {promotion && (
        <p>
          {t('change.promotion', {
            version: promotion.version,
            alias: promotion.alias,
            reason: promotion.reason,
          })}
        </p>
      )}
      {isSaid ? null : message.trim() ? (
        <div className={styles.markdown}>
          <Markdown content={message} />
        </div>
      ) : (
        <Note>{t('change.noMessage')}</Note>
      )}
    </Panel>
  );
}

function About({ change }: { change: Change }) {
  const t = useText();
  const links = useLinks();
  const { author, project, branch, head, createdAt, url, mergeCommit } = change;
  return (
    <Panel title={t('change.facts')}>
      <Facts
        items={[
          [t('change.author'), nameOf(author)],
          [
            t('change.project'),
            <To href={links.project(project)}>{project}</To>,
          ],
          [t('change.branch'), <Code>{branch}</Code>],
          [t('change.head'), <Code whole>{shortCommit(head)}</Code>],
          [
            t('change.mergeCommit'),
            mergeCommit && <Code whole>{shortCommit(mergeCommit)}</Code>,
          ],
          [t('change.opened'), <When at={createdAt} />],
          [
            t('change.host'),
            url && <Outside url={url} title={t('change.hostLink')} />,
          ],
        ]}
      />
    </Panel>
  );
}
