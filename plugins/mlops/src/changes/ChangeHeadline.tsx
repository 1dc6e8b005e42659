import type { Change } from '@backstage-mlops/mlops-core';
import { useLinks } from '../routing';
import { useText, type Text } from '../translation';
import { nameOf, withNames } from '../ui/figures';
import { Inline } from '../ui/Page';
import { Code, Note, Panel, Sentences } from '../ui/Panel';
import { agoText } from '../ui/time';
import { To } from '../ui/To';
import styles from './Change.module.css';
import { toChangeSentence } from './changeSentence';
import { ChangeState } from './ChangeState';
import { pipelinesOf } from './pipelinesOf';

/** How a request stands in one sentence; every other reason why it waits; and once it is live, the way to what it changed. */
export function ChangeHeadline({ change }: { change: Change }) {
  const { author, branch, target, state, blockedBy } = change;
  const t = useText();
  const sentence = sentenceText(t, change);
  const reasons = blockedBy.map(withNames);
  const isSaid = reasons.length === 1 && reasons[0] === sentence;
  return (
    <Panel>
      <div className={styles.sentence}>
        <ChangeState of={change} size={20} />
        <span role="status">{sentence}</span>
      </div>
      <Note>
        {t(`change.about.${state}`, {
          author: nameOf(author),
          branch: <Code>{branch}</Code>,
          target: <Code>{target}</Code>,
        })}
      </Note>
      {state === 'open' && reasons.length > 0 && !isSaid && (
        <div>
          <Note>{t('change.alsoWaits')}</Note>
          <Sentences items={reasons} />
        </div>
      )}
      {state === 'merged' && change.live && <WhatIsLive change={change} />}
    </Panel>
  );
}

function WhatIsLive({ change }: { change: Change }) {
  const { project } = change;
  const t = useText();
  const links = useLinks();
  const pipelines = pipelinesOf(change, 'deleted');
  return (
    <Inline>
      {pipelines.map(pipeline => (
        <To key={pipeline} href={links.pipeline(project, pipeline)}>
          {t('change.openPipeline', { pipeline })}
        </To>
      ))}
      {pipelines.length === 0 && (
        <To href={links.project(project)}>
          {t('change.openProject', { project })}
        </To>
      )}
    </Inline>
  );
}

function sentenceText(t: Text, change: Change): string {
  const sentence = toChangeSentence(change);
  switch (sentence.says) {
    case 'live':
    case 'waitsLive':
      return t(`change.says.${sentence.says}`, {
        who: nameOf(change.mergedBy ?? change.author),
        when: agoText(t, change.mergedAt ?? change.updatedAt),
      });
    case 'failed':
    case 'pending':
      return t(`change.says.${sentence.says}`, {
        names: sentence.names.join(', '),
      });
    case 'blocked':
      return withNames(sentence.reason);
    case 'conflicts':
      return t('change.says.conflicts', { target: change.target });
    case 'closed':
    case 'draft':
    case 'ready':
      return t(`change.says.${sentence.says}`);
    default:
      return sentence satisfies never;
  }
}
