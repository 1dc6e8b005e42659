import type { ConfigApi } from '@backstage/frontend-plugin-api';
import type { Person } from './person';
import { texts } from './texts';

/** The guest, and the people of `auth.providers.dev-users`. */
export function readPeople(config: ConfigApi): Person[] {
  return [
    { name: texts.guest, role: texts.guestRole },
    ...(
      config.getOptionalConfigArray('auth.providers.dev-users.people') ?? []
    ).map(person => ({
      ref: person.getString('ref'),
      name: person.getString('name'),
      role: person.getOptionalString('role') ?? '',
    })),
  ];
}
