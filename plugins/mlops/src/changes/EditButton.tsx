import { useApi } from '@backstage/core-plugin-api';
import {
  Alert,
  Button,
  Checkbox,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
  DialogTrigger,
  TextAreaField,
  TextField,
} from '@backstage/ui';
import type { Change } from '@backstage-mlops/mlops-core';
import { useState } from 'react';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { useAction } from '../ui/useAction';
import { useText } from '../translation';
import styles from './Change.module.css';
import { ReviewerField } from './editor/ReviewerField';

/** Other words about a request, other reviewers, and whether it is a draft. */
export function EditButton(props: { change: Change; onChange(): void }) {
  const t = useText();
  const [open, setOpen] = useState(false);
  return (
    <DialogTrigger isOpen={open} onOpenChange={setOpen}>
      <Button variant="secondary">{t('change.edit')}</Button>
      <Dialog>
        <DialogHeader>{t('change.editTitle')}</DialogHeader>
        {open && <Words {...props} onDone={() => setOpen(false)} />}
      </Dialog>
    </DialogTrigger>
  );
}

function Words(props: { change: Change; onChange(): void; onDone(): void }) {
  const { change, onChange, onDone } = props;
  const api = useApi(mlopsApiRef);
  const t = useText();
  const [words, setWords] = useState({
    title: change.title,
    message: change.message,
    reviewers: change.reviewers,
    draft: change.draft,
  });
  const { act, busy, fault } = useAction();
  const set = (changes: Partial<typeof words>) =>
    setWords(before => ({ ...before, ...changes }));
  const save = () =>
    act(async () => {
      await api.updateChange(change.id, words);
      onDone();
      onChange();
    });
  return (
    <>
      <DialogBody>
        <div className={styles.form}>
          <TextField
            label={t('editor.titleField')}
            value={words.title}
            onChange={title => set({ title })}
          />
          <TextAreaField
            label={t('editor.message')}
            value={words.message}
            onChange={message => set({ message })}
            rows={5}
          />
          <ReviewerField
            chosen={words.reviewers}
            onChange={reviewers => set({ reviewers })}
          />
          <Checkbox isSelected={words.draft} onChange={draft => set({ draft })}>
            {t('change.isDraft')}
          </Checkbox>
          {fault && (
            <Alert
              status="danger"
              icon
              title={t('change.notSaved')}
              description={fault}
            />
          )}
        </div>
      </DialogBody>
      <DialogFooter>
        <Button
          variant="primary"
          isDisabled={busy || words.title.trim() === ''}
          onPress={save}
        >
          {t('change.save')}
        </Button>
        <Button variant="secondary" slot="close">
          {t('cancel')}
        </Button>
      </DialogFooter>
    </>
  );
}
