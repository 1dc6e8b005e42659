import {
  Alert,
  Button,
  Checkbox,
  TextAreaField,
  TextField,
} from '@backstage/ui';
import { useText } from '../../translation';
import { Inline } from '../../ui/Page';
import { Note, Panel } from '../../ui/Panel';
import { Judged } from '../../ui/State';
import styles from './Editor.module.css';
import { ReviewerField } from './ReviewerField';
import type { DraftWords } from './useDraft';

/** The words of an edit, whatever it is of. */
export interface Wording {
  draft: DraftWords;
  dirty: boolean;
  change(changes: Partial<DraftWords>): void;
  discard(): void;
}

/** What becomes of the edit: words about it, who looks at it, and the button that proposes it. */
export function ProposePane(props: {
  drafting: Wording;
  suggested: string;
  /** Nothing can be run on the branch. */
  noTrial?: boolean;
  /** The request that the edit goes into; absent for a new one. */
  into?: { branch: string };
  changed: boolean;
  markers: boolean;
  faults: number;
  allowed: boolean;
  busy: boolean;
  fault?: string;
  onSubmit(): void;
}) {
  const { drafting, into, changed, markers, allowed } = props;
  const { discard, dirty } = drafting;
  const t = useText();
  return (
    <Panel title={t('editor.propose')}>
      {into && <Note>{t('editor.onBranch', { branch: into.branch })}</Note>}
      {!into && (
        <Words
          drafting={drafting}
          suggested={props.suggested}
          noTrial={props.noTrial}
        />
      )}
      {props.fault && (
        <Alert
          status="danger"
          icon
          title={t(into ? 'editor.notSaved' : 'editor.refused')}
          description={props.fault}
        />
      )}
      <Inline>
        <Button
          variant="primary"
          isDisabled={!changed || markers || !allowed || props.busy}
          isPending={props.busy}
          onPress={props.onSubmit}
        >
          {t(into ? 'editor.save' : 'editor.open')}
        </Button>
        {dirty && (
          <Button variant="secondary" onPress={discard}>
            {t('editor.discard')}
          </Button>
        )}
        <Why {...props} />
      </Inline>
    </Panel>
  );
}

/** Title, reasons, reviewers, and how the request begins. */
function Words(props: {
  drafting: Wording;
  suggested: string;
  noTrial?: boolean;
}) {
  const { draft, change } = props.drafting;
  const t = useText();
  return (
    <div className={styles.words}>
      <TextField
        label={t('editor.titleField')}
        value={draft.title ?? props.suggested}
        onChange={title => change({ title })}
      />
      <ReviewerField
        chosen={draft.reviewers}
        onChange={reviewers => change({ reviewers })}
      />
      <TextAreaField
        label={t('editor.message')}
        description={t('editor.messageNote')}
        value={draft.message}
        onChange={message => change({ message })}
        rows={4}
      />
      <div className={styles.choices}>
        {!props.noTrial && (
          <>
            <Checkbox
              isSelected={draft.trial}
              onChange={trial => change({ trial })}
            >
              {t('editor.trial')}
            </Checkbox>
            <Note>{t('editor.trialNote')}</Note>
          </>
        )}
        <Checkbox
          isSelected={draft.draft}
          onChange={value => change({ draft: value })}
        >
          {t('editor.draft')}
        </Checkbox>
      </div>
    </div>
  );
}

/** Why the button rests, or what the person should know before pressing it. */
function Why(props: {
  changed: boolean;
  markers: boolean;
  faults: number;
  allowed: boolean;
}) {
  const { changed, markers, faults, allowed } = props;
  const t = useText();
  if (!allowed) return <Note>{t('editor.notAllowed')}</Note>;
  if (!changed) return <Note>{t('editor.saveLocked')}</Note>;
  if (markers) return <Judged as="bad">{t('editor.markers')}</Judged>;
  if (faults > 0)
    return <Judged as="warn">{t('editor.faults', { count: faults })}</Judged>;
  return null;
}
