import { parseEntityRef } from '@backstage/catalog-model';
import { EntityRefLink } from '@backstage/plugin-catalog-react';
import { ButtonLink, Link } from '@backstage/ui';
import type { ComponentProps, ReactNode } from 'react';
import { useHasPages } from '../routing';
import styles from './To.module.css';

/** What stands for the owner where the project's file names none. */
const nobody = 'unknown';

/** A link to a page of the portal; where the app has taken the pages away, its text. */
export function To({ href, children }: { href: string; children: ReactNode }) {
  const hasPages = useHasPages();
  if (!hasPages && !href.startsWith('?')) return <>{children}</>;
  return (
    <Link href={href} className={styles.link}>
      {children}
    </Link>
  );
}

/** A button that leads to a page of the portal; nothing where the app has taken the pages away. */
export function ToButton(props: ComponentProps<typeof ButtonLink>) {
  return useHasPages() ? <ButtonLink {...props} /> : null;
}

/** A link out of the portal. */
export function Outside({ url, title }: { url: string; title?: string }) {
  return (
    <Link
      href={url}
      className={styles.link}
      target="_blank"
      rel="noopener noreferrer"
    >
      {title ?? url}
    </Link>
  );
}

/** Who is responsible, as the catalog knows them. */
export function Owner({ of }: { of: string }) {
  const known = of === nobody ? undefined : toEntityName(of);
  return known ? (
    <EntityRefLink entityRef={known} defaultKind="group" />
  ) : (
    <>{of}</>
  );
}

// A faulty project may name anything as its owner.
function toEntityName(ref: string) {
  try {
    return parseEntityRef(ref, { defaultKind: 'group' });
  } catch {
    return undefined;
  }
}
