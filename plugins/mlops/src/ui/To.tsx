import { parseEntityRef } from '@backstage/catalog-model';
import { EntityRefLink } from '@backstage/plugin-catalog-react';
import { Link } from '@backstage/ui';
import type { ReactNode } from 'react';

/** A link to a page of the portal. */
export function To({ href, children }: { href: string; children: ReactNode }) {
  return <Link href={href}>{children}</Link>;
}

/** Who is responsible, as the catalog knows them. */
export function Owner({ of }: { of: string }) {
  const known = toEntityName(of);
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
