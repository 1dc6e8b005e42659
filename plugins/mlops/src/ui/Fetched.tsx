import { Alert, Button, Skeleton } from '@backstage/ui';
import { ResponseError } from '@backstage/errors';
import type { ReactNode } from 'react';
import type { Resource } from '../api/useResource';
import { useLinks } from '../routing';
import { useText } from '../translation';
import styles from './Fetched.module.css';
import { Page } from './Page';

/** Shows what was fetched: first its outline, then the thing or what went wrong. */
export function Fetched<T>(props: {
  of: Resource<T>;
  what: string;
  /** Nothing stands around it: a fault is a page with a way back. */
  isPage?: boolean;
  children(value: T): ReactNode;
}) {
  const { of, what, isPage, children } = props;
  if (of.value !== undefined) return <>{children(of.value)}</>;
  if (!of.error) return <Outline what={what} />;
  const fault = <Fault error={of.error} what={what} again={of.reload} />;
  return isPage ? <FaultPage>{fault}</FaultPage> : fault;
}

function FaultPage({ children }: { children: ReactNode }) {
  const t = useText();
  const links = useLinks();
  return (
    <Page
      title={t('fetch.faultPage')}
      crumbs={[{ label: t('title'), href: links.home() }]}
    >
      {children}
    </Page>
  );
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
