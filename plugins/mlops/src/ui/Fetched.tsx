import { Alert, Button, Skeleton } from '@backstage/ui';
import { ResponseError } from '@backstage/errors';
import type { ReactNode } from 'react';
import type { Resource } from '../api/useResource';
import { useText } from '../translation';
import styles from './Fetched.module.css';

/** Shows what was fetched: first its outline, then the thing or what went wrong. */
export function Fetched<T>(props: {
  of: Resource<T>;
  what: string;
  children(value: T): ReactNode;
}) {
  const { of, what, children } = props;
  if (of.value !== undefined) return <>{children(of.value)}</>;
  if (of.error) return <Fault error={of.error} what={what} again={of.reload} />;
  return <Outline what={what} />;
}

/** The place of what is still fetched. */
export function Outline({ what = '' }: { what?: string }) {
  const t = useText();
  return (
    <div
      className={styles.outline}
      role="status"
      aria-label={t('fetch.loading', { what })}
    >
      <Skeleton width="40%" height={24} />
      <Skeleton width="100%" height={120} />
    </div>
  );
}

/** The server's own sentence about a fault; the fault's message where the server gave none. */
export function faultText(error: Error): string {
  return error instanceof ResponseError
    ? error.body.error.message
    : error.message;
}

function Fault(props: { error: Error; what: string; again(): void }) {
  const { error, what, again } = props;
  const t = useText();
  const missing = error instanceof ResponseError && error.statusCode === 404;
  return (
    <div className={styles.fault}>
      <Alert
        status={missing ? 'warning' : 'danger'}
        icon
        title={
          missing ? t('fetch.missing', { what }) : t('fetch.failed', { what })
        }
        description={faultText(error)}
        customActions={
          <Button size="small" variant="secondary" onPress={again}>
            {t('fetch.again')}
          </Button>
        }
      />
    </div>
  );
}
