import { Alert, Button } from '@backstage/ui';
import { useText } from '../../translation';
import { shortCommit } from '../../ui/figures';

/** Says in words that git went on while somebody edited, with the button that puts the edit on the newest. */
export function MovedNote(props: {
  title: string;
  /** Commit that the edit was made from. */
  base: string;
  busy?: boolean;
  fault?: string;
  onKeep(): void;
}) {
  const { title, base, busy, fault, onKeep } = props;
  const t = useText();
  return (
    <Alert
      status={fault ? 'danger' : 'warning'}
      icon
      title={title}
      description={fault ?? t('editor.movedText', { base: shortCommit(base) })}
      customActions={
        <Button
          size="small"
          variant="secondary"
          isPending={busy}
          onPress={onKeep}
        >
          {t('editor.keep')}
        </Button>
      }
    />
  );
}

/** Says that the edit stands on the newest now, or what is left to settle. */
export function KeptNote(props: { commit: string; left?: string[] }) {
  const { commit, left = [] } = props;
  const t = useText();
  return left.length > 0 ? (
    <Alert
      status="warning"
      icon
      title={t('editor.conflictsTitle')}
      description={left.join(' ')}
    />
  ) : (
    <Alert
      status="success"
      icon
      title={t('editor.keptNote', { commit: shortCommit(commit) })}
    />
  );
}
