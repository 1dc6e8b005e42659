/* The choice stays in the browser until somebody signs out, so an opened link leads to its page and not to the list. */
import type { IdentityApi } from '@backstage/frontend-plugin-api';

/** Somebody whom the page offers. */
export interface Person {
  /** Entity reference; the guest has none. */
  ref?: string;
  name: string;
  /** What they do, in a few words. */
  role: string;
}

const key = 'portal.person';
const keyOf = (person: Person) => person.ref ?? 'guest';

/** Who was chosen before in this browser, if they are still offered. */
export function rememberedPerson(people: Person[]): Person | undefined {
  const kept = localStorage.getItem(key);
  return people.find(person => keyOf(person) === kept);
}

/** Signs in again without asking when the page is opened next. */
export function rememberPerson(person: Person): void {
  localStorage.setItem(key, keyOf(person));
}

/** Asks again when the page is opened next. */
export function forgetPerson(): void {
  localStorage.removeItem(key);
}

/** The same identity; the choice is forgotten with it. */
export function forgottenAtSignOut(identity: IdentityApi): IdentityApi {
  return {
    getProfileInfo: () => identity.getProfileInfo(),
    getBackstageIdentity: () => identity.getBackstageIdentity(),
    getCredentials: () => identity.getCredentials(),
    async signOut() {
      forgetPerson();
      await identity.signOut();
    },
  };
}
