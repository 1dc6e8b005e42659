import { useApi } from '@backstage/core-plugin-api';
import { Alert, Button, TextAreaField } from '@backstage/ui';
import type { Change } from '@backstage-mlops/mlops-core';
import { useState } from 'react';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { useAction } from '../ui/useAction';
import { useText } from '../translation';
import { nameOf } from '../ui/figures';
import { Markdown } from '../ui/Markdown';
import { Inline } from '../ui/Page';
import { Note, Panel } from '../ui/Panel';
import { Judged } from '../ui/State';
import { When } from '../ui/When';
import styles from './Change.module.css';
import { toEntries, type Entry } from './toEntries';

/** What people said and committed, in its order; and a place to say something. */
export function Conversation(props: { change: Change; onChange(): void }) {
  const { change, onChange } = props;
  const t = useText();
  const entries = toEntries(change);
  return (
    <Panel title={t('change.conversation')}>
      {entries.length === 0 && <Note>{t('change.saidNothing')}</Note>}
      <ul className={styles.list}>
        {entries.map(entry => (
          <Said
            key={`${entry.kind} ${entry.at} ${entry.by} ${entry.text}`}
            entry={entry}
            head={change.head}
          />
        ))}
      </ul>
      <Say change={change} onChange={onChange} />
    </Panel>
  );
}

const tones = {
  approved: 'good',
  'changes-requested': 'bad',
  commented: 'quiet',
} as const;

function Said({ entry, head }: { entry: Entry; head: string }) {
  const t = useText();
  const who = <strong>{nameOf(entry.by)}</strong>;
  return (
    <li className={styles.entry}>
      <Inline>
        {entry.kind === 'comment' && <span>{t('change.said', { who })}</span>}
        {entry.kind === 'commit' && (
          <span>{t('change.pushed', { who, title: entry.text })}</span>
        )}
        {entry.kind === 'review' && (
          <Judged as={tones[entry.verdict]}>
            {t(`change.verdict.${entry.verdict}`, { who })}
          </Judged>
        )}
        <Note>
          <When at={entry.at} />
          {entry.kind === 'review' &&
            entry.commit !== head &&
            ` ${t('change.older')}`}
        </Note>
      </Inline>
      {entry.kind !== 'commit' && entry.text && (
        <div className={styles.markdown}>
          <Markdown content={entry.text} />
        </div>
      )}
    </li>
  );
}

/** A comment, alone or with a verdict. */
function Say({ change, onChange }: { change: Change; onChange(): void }) {
  const { id, state, allowed } = change;
  const api = useApi(mlopsApiRef);
  const t = useText();
  const [text, setText] = useState('');
  const { act, busy, fault } = useAction();
  const said = text.trim();
  const send = (verdict?: 'approved' | 'changes-requested') =>
    act(async () => {
      if (verdict)
        await api.reviewChange(id, {
          verdict,
          ...(said ? { comment: said } : {}),
        });
      else await api.commentChange(id, said);
      setText('');
      onChange();
    });
  const mayReview = state === 'open' && allowed.review;
  return (
    <div className={styles.form}>
      <TextAreaField
        label={t('change.commentField')}
        value={text}
        onChange={setText}
        rows={3}
      />
      {fault && (
        <Alert
          status="danger"
          icon
          title={t('change.notSaid')}
          description={fault}
        />
      )}
      <Inline>
        {mayReview && (
          <>
            <Button
              variant="primary"
              isDisabled={busy}
              onPress={() => send('approved')}
            >
              {t('change.approve')}
            </Button>
            <Button
              variant="secondary"
              isDisabled={busy}
              onPress={() => send('changes-requested')}
            >
              {t('change.requestChanges')}
            </Button>
          </>
        )}
        <Button
          variant="secondary"
          isDisabled={busy || said === ''}
          onPress={() => send()}
        >
          {t('change.comment')}
        </Button>
      </Inline>
    </div>
  );
}
