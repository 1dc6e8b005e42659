/*
 * What must not be in a portal that others use: ways in without a name, rights for all, data that a restart loses, secrets that
 * everybody knows. Each has a key of its own for those who want it all the same.
 */
import type { Config } from '@backstage/config';

const shortestSecret = 32;
const known =
  /^(change[-_ ]?me|secret|password|development|dev|test|default)$/i;

/** Sentences on what keeps the portal from starting; each names the key. */
export function productionFaults(root: Config): string[] {
  return [
    guestFault(root),
    permissionFault(root),
    ...databaseFaults(root),
    ...secretFaults(root),
  ].filter(fault => fault !== undefined);
}

/** Throws when the configuration is not fit for production. In development everything goes. */
export function checkProduction(
  root: Config,
  environment: string | undefined = process.env.NODE_ENV,
): void {
  if (environment !== 'production') return;
  const faults = productionFaults(root);
  if (faults.length > 0)
    throw new Error(
      `The portal does not start with NODE_ENV=production: ${faults.join(' ')}`,
    );
}

/** Whether steps may run on the portal's own machine. */
export function isLocalEngineOn(
  root: Config,
  environment: string | undefined = process.env.NODE_ENV,
): boolean {
  return (
    root.getOptionalBoolean('mlops.local.enabled') ??
    environment !== 'production'
  );
}

function guestFault(root: Config): string | undefined {
  const key = 'auth.providers.guest';
  if (
    !root.has(key) ||
    root.getOptionalBoolean(`${key}.dangerouslyAllowOutsideDevelopment`)
  )
    return undefined;
  return `${key} lets everybody in without a name; remove it, or set ${key}.dangerouslyAllowOutsideDevelopment.`;
}

function permissionFault(root: Config): string | undefined {
  if (
    root.getOptionalBoolean('permission.enabled') ||
    root.getOptionalBoolean('permission.dangerouslyDisabled')
  )
    return undefined;
  return 'permission.enabled is not true, so everybody may do everything; set it, or set permission.dangerouslyDisabled.';
}

/** What these keep is made anew at each start: the search keeps when its index was filled, and the index lives in memory, too. */
const mayForget = ['search'];

function databaseFaults(root: Config): string[] {
  const key = 'backend.database';
  const places = [
    `${key}.connection`,
    ...(root.getOptionalConfig(`${key}.plugin`)?.keys() ?? [])
      .filter(plugin => !mayForget.includes(plugin))
      .map(plugin => `${key}.plugin.${plugin}.connection`),
  ];
  return places
    .filter(place => {
      const value = root.getOptional(place);
      return (
        isInMemory(value) ||
        isInMemory((value as { filename?: unknown } | undefined)?.filename)
      );
    })
    .map(place => `${place} is ':memory:', which a restart forgets.`);
}

// SQLite has two more ways to say it: `file::memory:` and `?mode=memory`.
const isInMemory = (value: unknown) =>
  typeof value === 'string' && /:memory:|[?&]mode=memory/.test(value);

function secretFaults(root: Config): string[] {
  const faults: string[] = [];
  const look = (place: string, value: unknown) => {
    if (typeof value !== 'string') return;
    if (known.test(value) || value.length < shortestSecret)
      faults.push(
        `${place} is a secret that can be guessed; give it at least ${shortestSecret} random characters.`,
      );
  };
  look('auth.session.secret', root.getOptional('auth.session.secret'));
  keysOf(root).forEach((secret, index) =>
    look(`backend.auth.keys[${index}].secret`, secret),
  );
  (root.getOptional<unknown[]>('backend.auth.externalAccess') ?? []).forEach(
    (item, index) => {
      const options = (item as { options?: Record<string, unknown> }).options;
      look(
        `backend.auth.externalAccess[${index}].options.token`,
        options?.token,
      );
      look(
        `backend.auth.externalAccess[${index}].options.secret`,
        options?.secret,
      );
    },
  );
  return faults;
}

const keysOf = (root: Config): unknown[] =>
  (root.getOptional<unknown[]>('backend.auth.keys') ?? []).map(
    item => (item as { secret?: unknown }).secret,
  );
