import { useApi } from '@backstage/core-plugin-api';
import { Alert, Button } from '@backstage/ui';
import type { Change, PullRequestCheck } from '@backstage-mlops/mlops-core';
import { mlopsApiRef } from '../api/mlopsApiRef';
import { useAction } from '../ui/useAction';
import { useText } from '../translation';
import { Inline } from '../ui/Page';
import { Note, Panel } from '../ui/Panel';
import { Outside, To } from '../ui/To';
import { When } from '../ui/When';
import styles from './Change.module.css';
import { CheckState } from './ChangeState';

/** What the checks say of the newest commit; each can be run again. */
export function Checks(props: { change: Change; onChange(): void }) {
  const { change, onChange } = props;
  const { id, checks, head, state } = change;
  const api = useApi(mlopsApiRef);
  const t = useText();
  const { act, busy, fault } = useAction();
  const again = (name?: string) =>
    act(async () => {
      await api.runChecks(id, name === undefined ? {} : { name });
      onChange();
    });
  const mayRun = state === 'open' && change.allowed.update;
  return (
    <Panel
      title={t('change.checks')}
      actions={
        mayRun && (
          <Button
            size="small"
            variant="secondary"
            isDisabled={busy}
            onPress={() => again()}
          >
            {t('change.allAgain')}
          </Button>
        )
      }
    >
      {fault && (
        <Alert
          status="danger"
          icon
          title={t('change.notAgain')}
          description={fault}
        />
      )}
      {checks.length === 0 && <Note>{t('change.noChecks')}</Note>}
      <ul className={styles.list}>
        {checks.map(check => (
          <Check
            key={`${check.name} ${check.commit}`}
            check={check}
            old={check.commit !== head}
            again={mayRun && !busy ? () => again(check.name) : undefined}
          />
        ))}
      </ul>
    </Panel>
  );
}

function Check(props: {
  check: PullRequestCheck;
  old: boolean;
  again?: () => void;
}) {
  const { check, old, again } = props;
  const { name, state, message, logUrl, updatedAt } = check;
  const t = useText();
  return (
    <li className={styles.check}>
      <div className={styles.row}>
        <strong>{name}</strong>
        <CheckState of={state} />
      </div>
      {message && <span>{message}</span>}
      <Inline>
        <Note>
          <When at={updatedAt} />
          {old && ` ${t('change.olderCheck')}`}
        </Note>
        {logUrl && <LogLink url={logUrl} />}
        {again && state !== 'pending' && (
          <Button
            size="small"
            variant="tertiary"
            aria-label={t('change.againOf', { name })}
            onPress={again}
          >
            {t('change.again')}
          </Button>
        )}
      </Inline>
    </li>
  );
}

/** A log in the portal is a page of it; one at the host is elsewhere. */
function LogLink({ url }: { url: string }) {
  const t = useText();
  return url.startsWith('/') ? (
    <To href={url}>{t('change.log')}</To>
  ) : (
    <Outside url={url} title={t('change.log')} />
  );
}
